// api: k6.fail
// expect: checks 2
import { fail } from 'k6';
import { throws } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  throws('an exception', () => fail('with a reason'), 'with a reason');
  throws('without one', () => fail(), '');
}
