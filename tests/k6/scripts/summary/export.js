// api: cli.--summary-export
// args: --summary-export summary.json
// expect: checks 1 of 2
// expect: file summary.json contains "\"root_group\""
// expect: file summary.json contains "\"iterations\""
import { check } from 'k6';

export default function () {
  check(1, { a: true, b: false });
}
