// api: http.cookieJar
// expect: checks 6
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = {
  noCookiesReset: true,
  scenarios: { s: { executor: 'per-vu-iterations', vus: 3, iterations: 2 } },
  thresholds: { checks: ['rate==1'] },
};

export default function () {
  const { cookies } = http.get(`${__ENV.BASE_URL}/cookies`).json();
  equal('its own', cookies, __ITER === 0 ? {} : { vu: String(__VU) });
  http.get(`${__ENV.BASE_URL}/cookies/set?vu=${__VU}`);
}
