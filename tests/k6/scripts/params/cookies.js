// api: Params.cookies
// expect: checks 5
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const url = `${__ENV.BASE_URL}/cookies`;
  equal('sent', http.get(url, { cookies: { a: '1', b: 'two' } }).json('cookies'), { a: '1', b: 'two' });
  equal('only once', http.get(url).json('cookies'), {});
  http.cookieJar().set(url, 'a', 'jar');
  equal('beside the jar', http.get(url, { cookies: { b: '2' } }).json('cookies'), { a: 'jar', b: '2' });
  const replaced = http.get(url, { cookies: { a: { value: 'mine', replace: true } } });
  equal('instead of the jar', replaced.json('raw'), ['a=mine']);
  equal(
    'without replacing both are sent',
    http
      .get(url, { cookies: { a: 'mine' } })
      .json('raw.0')
      .split('; ')
      .sort(),
    ['a=jar', 'a=mine'],
  );
}
