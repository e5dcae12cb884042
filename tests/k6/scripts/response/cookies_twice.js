// api: Response.cookies
// expect: checks 2
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const { cookies } = http.get(`${__ENV.BASE_URL}/cookies/set?a=1&a=2`);
  equal(
    'both',
    cookies.a.map((cookie) => cookie.value),
    ['1', '2'],
  );
  equal('the last is kept', http.get(`${__ENV.BASE_URL}/cookies`).json('cookies'), { a: '2' });
}
