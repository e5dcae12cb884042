// api: http.cookieJar
// expect: checks ?
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { insecureSkipTLSVerify: true, thresholds: { checks: ['rate==1'] } };

export default function () {
  http.get(`${__ENV.TLS_URL}/cookies/set-detailed?name=a&value=1&path=/&secure=1`);
  equal('over TLS', http.get(`${__ENV.TLS_URL}/cookies`).json('cookies'), { a: '1' });
  equal('not in the clear', http.get(`${__ENV.BASE_URL}/cookies`).json('cookies'), {});
}
