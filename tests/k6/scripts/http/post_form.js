// api: http.post
// expect: checks 3
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const form = { name: 'Ada Byron', 'a&b': 'x=y', n: 3, flag: true, list: ['1', '2'] };
  const echoed = http.post(`${__ENV.BASE_URL}/post`, form).json();
  equal('content type', echoed.headers['content-type'], ['application/x-www-form-urlencoded']);
  equal('fields', echoed.form, { name: ['Ada Byron'], 'a&b': ['x=y'], n: ['3'], flag: ['true'], list: ['1', '2'] });
  equal('sorted by name', echoed.body, 'a%26b=x%3Dy&flag=true&list=1&list=2&n=3&name=Ada+Byron');
}
