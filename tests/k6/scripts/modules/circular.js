// api: modules.local
// expect: checks 1
import { even } from './lib/even.js';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('even', [even(4), even(5)], [true, false]);
}
