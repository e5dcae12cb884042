// api: Response.error_code
// k6-differs: verdict: a request of which none was answered fails the run
// expect: checks 2
// expect-loadgate: exit thresholds
// expect-k6: exit pass
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get(`${__ENV.BASE_URL.replace('http:', 'https:')}/get`);
  equal('status', res.status, 0);
  equal('code', res.error_code, 1301);
}
