// api: CookieJar.set
// expect: checks 1
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { hosts: { 'shop.test': __ENV.HOST }, thresholds: { checks: ['rate==1'] } };

export default function () {
  const jar = http.cookieJar();
  // Loopback addresses are trusted with secure cookies, names are not.
  const url = 'http://shop.test/cookies';
  jar.set(url, 'secure', '1', { secure: true });
  jar.set(url, 'old', '1', { expires: 'Mon, 02 Jan 2006 15:04:05 MST' });
  jar.set(url, 'new', '1', { expires: 'Mon, 02 Jan 2090 15:04:05 GMT' });
  jar.set(url, 'aged', '1', { max_age: 600 });
  jar.set(url, 'hidden', '1', { http_only: true });
  equal('sent', http.get(url).json('cookies'), { new: '1', aged: '1', hidden: '1' });
}
