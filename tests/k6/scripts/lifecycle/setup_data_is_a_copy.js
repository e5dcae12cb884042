// api: lifecycle.setup
// expect: checks ?
import { equal } from '../../lib/equal.js';

export const options = {
  scenarios: { s: { executor: 'per-vu-iterations', vus: 2, iterations: 1 } },
  thresholds: { checks: ['rate==1'] },
};

export function setup() {
  return { list: [1] };
}

export default function (data) {
  data.list.push(2);
  data.mine = __VU;
  equal('may be changed, by one VU for itself', data, { list: [1, 2], mine: __VU });
}

export function teardown(data) {
  equal('and not for the end', data, { list: [1] });
}
