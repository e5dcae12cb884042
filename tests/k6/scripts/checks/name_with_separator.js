// api: k6.check
// k6-differs: verdict: an exception fails the run
// expect: checks 0
// expect-loadgate: exit thresholds
// expect-k6: exit pass
// expect: output contains "::"
import { check } from 'k6';

export default function () {
  check(1, { 'a::b': true });
}
