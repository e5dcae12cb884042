// api: k6.check
// k6-differs: verdict: an exception fails the run
// expect: checks 1 of 2
// expect: check "throws" 0 of 1
// expect: output contains "in the check"
// expect-loadgate: exit thresholds
// expect-k6: exit pass
import { check } from 'k6';

export default function () {
  check(1, {
    before: () => true,
    throws: () => {
      throw new Error('in the check');
    },
    after: () => true,
  });
}
