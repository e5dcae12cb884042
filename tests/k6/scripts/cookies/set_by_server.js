// api: http.cookieJar
// expect: checks 3
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  http.get(`${__ENV.BASE_URL}/cookies/set?session=abc&theme=dark`);
  equal('sent back', http.get(`${__ENV.BASE_URL}/cookies`).json('cookies'), { session: 'abc', theme: 'dark' });
  equal('in the jar', http.cookieJar().cookiesForURL(`${__ENV.BASE_URL}/`).session, ['abc']);
  http.get(`${__ENV.BASE_URL}/cookies/delete?session`);
  equal('deleted by the server', http.get(`${__ENV.BASE_URL}/cookies`).json('cookies'), { theme: 'dark' });
}
