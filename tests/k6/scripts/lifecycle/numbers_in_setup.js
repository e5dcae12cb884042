// api: globals.__VU, lifecycle.setup
// expect: checks ?
import exec from 'k6/execution';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export function setup() {
  equal('VU', __VU, 0);
  equal('id', exec.vu.idInTest, 0);
  return __ITER;
}

export default function (iter) {
  equal('iteration', iter, 0);
}
