// api: http.cookieJar
// expect: checks 3
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get(`${__ENV.BASE_URL}/cookies/set-and-redirect?a=1`);
  equal('sent to the next URL', res.json('cookies'), { a: '1' });
  equal('in the jar', http.cookieJar().cookiesForURL(__ENV.BASE_URL), { a: ['1'] });
  equal('not set by the last answer', res.cookies, {});
}
