// api: Params.timeout
// k6-differs: the request that was not sent fails the run
// expect: checks 2
// expect-loadgate: exit thresholds
// expect-k6: exit pass
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get(`${__ENV.BASE_URL}/get`, { timeout: 'soon' });
  equal('status', res.status, 0);
  equal('error', res.error.includes('timeout'), true);
}
