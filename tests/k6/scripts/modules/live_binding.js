// api: modules.local
// expect: checks 3
import { count, increase } from './lib/shop.js';
import { count as again } from './lib/again.js';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('before', count, 0);
  increase();
  equal('after', count, 1);
  equal('one module, however imported', again, 1);
}
