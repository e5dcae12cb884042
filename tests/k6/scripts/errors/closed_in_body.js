// api: Response.body, Response.error_code
// k6-differs: the part of a body that broke off is not kept
// k6-differs: verdict: a request of which none was answered fails the run
// expect: checks 3
// expect-loadgate: stderr contains "body: null"
// expect-k6: stderr contains "body: ten bytes."
// expect-loadgate: exit thresholds
// expect-k6: exit pass
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get(`${__ENV.BASE_URL}/close-in-body`);
  equal('status', res.status, 0);
  equal('code', res.error_code, 1000);
  equal('error', res.error, 'unexpected EOF');
  console.log(`body: ${res.body}`);
}
