// api: k6.fail
// k6-differs: verdict: an exception fails the run
// expect: checks 2
// expect: metric iterations count == 2
// expect: output contains "no stock"
// expect-loadgate: exit thresholds
// expect-k6: exit pass
import { fail } from 'k6';
import { equal } from '../../lib/equal.js';

export const options = { iterations: 2, thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('before', 1, 1);
  fail('no stock');
  equal('never', 1, 2);
}
