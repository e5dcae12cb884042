// api: metrics.Counter
// expect: checks 1
import { Counter } from 'k6/metrics';
import { throws } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  throws('only at the start', () => new Counter('late'), 'init context');
}
