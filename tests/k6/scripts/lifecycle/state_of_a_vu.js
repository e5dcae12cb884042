// api: lifecycle.init
// expect: checks 8
import { equal } from '../../lib/equal.js';

export const options = {
  scenarios: { s: { executor: 'per-vu-iterations', vus: 2, iterations: 2 } },
  thresholds: { checks: ['rate==1'] },
};

const seen = [];
globalThis.own = __VU;

export default function () {
  seen.push(__ITER);
  equal('variables of the script stay', seen.length, __ITER + 1);
  equal('of this VU alone', globalThis.own, __VU);
}
