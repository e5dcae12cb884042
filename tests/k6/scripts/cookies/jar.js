// api: http.cookieJar, CookieJar.set, CookieJar.cookiesForURL
// expect: checks 6
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const jar = http.cookieJar();
  equal('empty at first', jar.cookiesForURL(__ENV.BASE_URL), {});
  equal('set', jar.set(__ENV.BASE_URL, 'a', '1'), true);
  jar.set(__ENV.BASE_URL, 'b', 'two');
  equal('lists by name', jar.cookiesForURL(__ENV.BASE_URL), { a: ['1'], b: ['two'] });
  equal('sent', http.get(`${__ENV.BASE_URL}/cookies`).json('cookies'), { a: '1', b: 'two' });
  jar.set(__ENV.BASE_URL, 'a', '3');
  equal('set again', jar.cookiesForURL(__ENV.BASE_URL).a, ['3']);
  equal('one jar', http.cookieJar().cookiesForURL(__ENV.BASE_URL).b, ['two']);
}
