// api: Response.error_code
// expect: checks ?
// expect: metric http_reqs absent
import http from 'k6/http';
import { equal, throws } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get('http://:::/bad');
  equal('status', res.status, 0);
  equal('code', res.error_code, 1020);
  throws('thrown if asked', () => http.get('http://:::/bad', { throw: true }), 'invalid');
}
