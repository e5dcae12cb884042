// api: Params.jar, CookieJar.new
// expect: checks 2
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const jar = new http.CookieJar();
  jar.set(__ENV.BASE_URL, 'mine', '1');
  http.get(`${__ENV.BASE_URL}/cookies/set?theirs=2`, { jar });
  equal('its own jar', http.get(`${__ENV.BASE_URL}/cookies`, { jar }).json('cookies'), { mine: '1', theirs: '2' });
  equal('not that of the VU', http.get(`${__ENV.BASE_URL}/cookies`).json('cookies'), {});
}
