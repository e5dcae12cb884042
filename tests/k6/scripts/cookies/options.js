// api: CookieJar.set
// expect: checks ?
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const jar = http.cookieJar();
  const url = `${__ENV.BASE_URL}/cookies`;
  jar.set(url, 'secure', '1', { secure: true });
  jar.set(url, 'old', '1', { expires: 'Mon, 02 Jan 2006 15:04:05 MST' });
  jar.set(url, 'new', '1', { expires: 'Mon, 02 Jan 2090 15:04:05 GMT' });
  jar.set(url, 'aged', '1', { max_age: 600 });
  jar.set(url, 'hidden', '1', { http_only: true });
  equal('sent', http.get(url).json('cookies'), { new: '1', aged: '1', hidden: '1' });
}
