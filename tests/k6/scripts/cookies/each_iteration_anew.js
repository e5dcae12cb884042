// api: http.cookieJar
// expect: checks 6
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { iterations: 3, thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('none at the start', http.get(`${__ENV.BASE_URL}/cookies`).json('cookies'), {});
  http.get(`${__ENV.BASE_URL}/cookies/set?a=1`);
  equal('one at the end', http.get(`${__ENV.BASE_URL}/cookies`).json('cookies'), { a: '1' });
}
