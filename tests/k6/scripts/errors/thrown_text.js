// api: lifecycle.exceptions
// k6-differs: verdict: an exception fails the run
// expect: checks 1
// expect: output contains "only a text"
// expect-loadgate: exit thresholds
// expect-k6: exit pass
import { check } from 'k6';

export default function () {
  check(1, { before: true });
  throw 'only a text';
}
