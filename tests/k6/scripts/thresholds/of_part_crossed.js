// api: thresholds.selectors
// expect: checks 2
// expect: exit thresholds
import http from 'k6/http';
import { check } from 'k6';

export const options = { thresholds: { 'http_reqs{name:a}': ['count<1'], 'http_reqs{name:b}': ['count<2'] } };

export default function () {
  for (const name of ['a', 'b']) {
    check(http.get(`${__ENV.BASE_URL}/get`, { tags: { name } }), { ok: (res) => res.status === 200 });
  }
}
