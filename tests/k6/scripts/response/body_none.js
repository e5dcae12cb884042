// api: Params.responseType
// expect: checks 3
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get(`${__ENV.BASE_URL}/json`, { responseType: 'none' });
  equal('null', res.body, null);
  equal('status', res.status, 200);
  equal('headers', res.headers['Content-Type'], 'application/json');
}
