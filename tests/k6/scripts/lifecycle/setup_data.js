// api: lifecycle.setup, lifecycle.teardown
// expect: checks 3
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = {
  scenarios: { s: { executor: 'per-vu-iterations', vus: 2, iterations: 1 } },
  thresholds: { checks: ['rate==1'] },
};

export function setup() {
  const res = http.get(`${__ENV.BASE_URL}/json`);
  return { shop: res.json('shop.name'), list: [1, 'two', null, { three: 3 }], status: res.status };
}

export default function (data) {
  equal('data', data, { shop: 'Corner', list: [1, 'two', null, { three: 3 }], status: 200 });
}

export function teardown(data) {
  equal('at the end', data.list[3].three, 3);
}
