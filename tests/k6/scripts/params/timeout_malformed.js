// api: Params.timeout
// expect: checks 2
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get(`${__ENV.BASE_URL}/get`, { timeout: 'soon' });
  equal('status', res.status, 0);
  equal('error', res.error.includes('timeout'), true);
}
