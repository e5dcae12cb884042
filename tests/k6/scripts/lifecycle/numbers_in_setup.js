// api: globals.__VU, lifecycle.setup
// expect: checks 5
import exec from 'k6/execution';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export function setup() {
  equal('VU', __VU, 0);
  equal('id', exec.vu.idInTest, 0);
  equal('no iteration', typeof __ITER, 'undefined');
}

export default function () {
  equal('iteration', __ITER, 0);
}

export function teardown() {
  equal('VU at the end', __VU, 0);
}
