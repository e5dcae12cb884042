// api: Params.timeout
// k6-differs: verdict: a request of which none was answered fails the run
// expect: checks 3
// expect-loadgate: exit thresholds
// expect-k6: exit pass
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get(`${__ENV.BASE_URL}/slow-body`, { timeout: '250ms' });
  equal('status', res.status, 0);
  equal('code', res.error_code, 1050);
  equal('error', res.error, 'request timeout');
}
