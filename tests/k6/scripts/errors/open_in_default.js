// api: lifecycle.open
// expect: checks 1
import { throws } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  throws('only at the start', () => open('./refused.js'), 'init');
}
