// api: http.cookieJar
// expect: checks 1
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  http.get(`${__ENV.BASE_URL}/cookies/set-detailed?name=a&value=1&path=/&secure=1`);
  equal('a loopback address is trusted with secure cookies', http.get(`${__ENV.BASE_URL}/cookies`).json('cookies'), {
    a: '1',
  });
}
