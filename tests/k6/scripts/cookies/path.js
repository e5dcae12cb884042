// api: CookieJar.set
// expect: checks 4
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  http.get(`${__ENV.BASE_URL}/cookies/set-detailed?name=a&value=1&path=/cookies/list`);
  equal('not above', http.get(`${__ENV.BASE_URL}/cookies`).json('cookies'), {});
  equal('on the path', http.get(`${__ENV.BASE_URL}/cookies/list`).json('cookies'), { a: '1' });
  http.cookieJar().set(__ENV.BASE_URL, 'b', '2', { path: '/cookies/list' });
  equal('by an option', http.get(`${__ENV.BASE_URL}/cookies/list`).json('cookies.b'), '2');
  equal('not above either', http.get(`${__ENV.BASE_URL}/cookies`).json('cookies.b'), undefined);
}
