// api: lifecycle.setup
// expect: checks 3
import { equal } from '../../lib/equal.js';

export const options = {
  scenarios: { s: { executor: 'per-vu-iterations', vus: 2, iterations: 1 } },
  thresholds: { checks: ['rate==1'] },
};

export function setup() {
  return { list: [1], shop: { name: 'Corner' } };
}

export default function (data) {
  data.list[0] = 2;
  data.shop.name = `shop of ${__VU}`;
  data.mine = __VU;
  equal('may be changed, by one VU for itself', data, { list: [2], shop: { name: `shop of ${__VU}` }, mine: __VU });
}

export function teardown(data) {
  equal('and not for the end', data, { list: [1], shop: { name: 'Corner' } });
}
