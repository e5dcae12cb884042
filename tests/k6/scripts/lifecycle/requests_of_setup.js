// api: lifecycle.setup
// k6-differs: requests of `setup` and `teardown` are in no metric that is judged
// expect: checks 1
// expect-k6: metric http_reqs count == 4
// expect-loadgate: metric http_reqs count == 1
import http from 'k6/http';
import { check } from 'k6';

export const options = { thresholds: { checks: ['rate==1'] } };

const get = () => http.get(`${__ENV.BASE_URL}/get`);

export function setup() {
  get();
  get();
}

export default function () {
  check(get(), { ok: (res) => res.status === 200 });
}

export function teardown() {
  get();
}
