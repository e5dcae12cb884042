// api: Response.error_code
// expect: checks 2
// expect: metric http_reqs absent
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get('http://a b/bad');
  equal('status', res.status, 0);
  equal('code', res.error_code, 1020);
}
