// api: modules.TypeScript
// expect: checks 1
import { total } from './lib/total.ts';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('from JavaScript', total([{ price: 1 }, { price: 2 }]), 3);
}
