// api: Params.redirects
// expect: checks 3
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get(`${__ENV.BASE_URL}/status/302`);
  equal('the answer itself', res.status, 302);
  equal('no error', res.error, '');
  equal('not followed: 300', http.get(`${__ENV.BASE_URL}/redirect-to?url=/get&status_code=300`).status, 300);
}
