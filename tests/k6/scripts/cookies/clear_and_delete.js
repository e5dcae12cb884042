// api: CookieJar.clear, CookieJar.delete
// expect: checks 3
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const jar = http.cookieJar();
  const url = `${__ENV.BASE_URL}/cookies`;
  for (const name of ['a', 'b', 'c']) {
    jar.set(url, name, name);
  }
  jar.delete(url, 'b');
  equal('one deleted', http.get(url).json('cookies'), { a: 'a', c: 'c' });
  jar.clear(url);
  equal('all gone', http.get(url).json('cookies'), {});
  equal('of the URL', jar.cookiesForURL(url), {});
}
