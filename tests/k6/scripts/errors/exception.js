// api: lifecycle.exceptions
// k6-differs: verdict: an exception fails the run
// expect: checks 3
// expect: metric iterations count == 3
// expect: output contains "undefined"
// expect: output contains "exception.js:18"
// expect-loadgate: exit thresholds
// expect-k6: exit pass
import { equal } from '../../lib/equal.js';

export const options = { iterations: 3, thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('before', 1, 1);
  const nothing = undefined;

  if (__ITER !== 1) {
    nothing.member();
  }
}
