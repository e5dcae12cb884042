// api: http.post, Params.headers
// expect: checks 2
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const params = { headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' } };
  const echoed = http.post(`${__ENV.BASE_URL}/post`, { a: '1' }, params).json();
  equal('the given content type stays', echoed.headers['content-type'], [
    'application/x-www-form-urlencoded; charset=utf-8',
  ]);
  equal('fields', echoed.form, { a: ['1'] });
}
