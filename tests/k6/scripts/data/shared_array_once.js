// api: data.SharedArray
// expect: checks 6
import { SharedArray } from 'k6/data';
import { equal } from '../../lib/equal.js';

export const options = {
  scenarios: { s: { executor: 'per-vu-iterations', vus: 3, iterations: 1 } },
  thresholds: { checks: ['rate==1'] },
};

const made = new SharedArray('made', () => [Math.random()]);
const again = new SharedArray('made', () => [1, 2, 3]);

export function setup() {
  return made[0];
}

export default function (first) {
  equal('made once for all VUs', made[0], first);
  equal('known by its name', again.length, 1);
}
