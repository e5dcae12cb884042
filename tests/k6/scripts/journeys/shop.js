// api: lifecycle.setup, data.SharedArray, k6.group, metrics.Trend
// expect: checks 16
// expect: metric orders count == 4
// expect: request "order" 4
// expect: request "item" 4
// expect: stdout contains "4 orders"
import http from 'k6/http';
import { check, group, sleep } from 'k6';
import { Counter, Rate, Trend } from 'k6/metrics';
import { SharedArray } from 'k6/data';
import exec from 'k6/execution';

const users = new SharedArray('users', () => ['ada', 'grace', 'barbara'].map((name, id) => ({ id, name })));
const [orders, broken, ordering] = [new Counter('orders'), new Rate('broken'), new Trend('ordering', true)];

export const options = {
  scenarios: {
    customers: { executor: 'per-vu-iterations', vus: 2, iterations: 2, exec: 'buy', tags: { kind: 'customer' } },
  },
  thresholds: {
    checks: ['rate>0.99'],
    broken: ['rate<0.01'],
    ordering: ['p(95)<5000'],
    http_req_failed: ['rate<0.01'],
    'http_req_duration{name:order}': ['p(95)<5000', 'avg<5000'],
    'http_reqs{kind:customer}': ['count==12'],
    'group_duration{group:::order}': ['max<5000'],
  },
};

export function setup() {
  const res = http.post(`${__ENV.BASE_URL}/post`, JSON.stringify({ user: 'admin' }));
  return { token: `token of ${res.json('json.user')}` };
}

export function buy(data) {
  const user = users[exec.scenario.iterationInTest % users.length];
  const headers = { Authorization: `Bearer ${data.token}`, 'Content-Type': 'application/json' };
  const id = group('look', () => {
    const [list, item] = http.batch([
      `${__ENV.BASE_URL}/json`,
      ['GET', `${__ENV.BASE_URL}/anything/${user.id}`, null, { tags: { name: 'item' } }],
    ]);
    check(list, { 'has items': (r) => r.json('shop.items.#') === 4 });
    check(item, { 'is found': (r) => r.status === 200 && r.timings.duration < 5000 });
    return list.json('shop.items.#(name="cherry").id');
  });
  sleep(0.01 + Math.random() * 0.02);
  group('order', () => {
    const body = JSON.stringify({ user: user.name, item: id, at: new Date().toISOString() });
    const res = http.post(`${__ENV.BASE_URL}/anything/orders`, body, { headers, tags: { name: 'order' } });
    const ok = check(res, {
      'is accepted': (r) => r.status === 200,
      'is mine': (r) =>
        r.json('json.user') === user.name && r.json('headers.authorization.0') === 'Bearer token of admin',
    });
    broken.add(!ok);
    ordering.add(res.timings.duration);
    orders.add(1, { user: user.name });
  });
}

export function teardown(data) {
  http.del(`${__ENV.BASE_URL}/delete`, null, { headers: { Authorization: data.token } });
}

export function handleSummary(data) {
  return { stdout: `${data.metrics.orders.values.count} orders, ${data.metrics.checks.values.fails} failed checks\n` };
}
