// api: other.k6/x/…
// expect: checks 0
// expect: exit script
// expect: stderr contains "k6/x/sql"
import sql from 'k6/x/sql';

export default function () {
  sql.open();
}
