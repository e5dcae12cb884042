// api: options.noCookiesReset
// expect: checks 3
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { iterations: 3, noCookiesReset: true, thresholds: { checks: ['rate==1'] } };

export default function () {
  const { cookies } = http.get(`${__ENV.BASE_URL}/cookies`).json();
  equal('of the iteration before', cookies, __ITER === 0 ? {} : { i: String(__ITER - 1) });
  http.get(`${__ENV.BASE_URL}/cookies/set?i=${__ITER}`);
}
