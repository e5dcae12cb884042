// api: http.request
// expect: checks 10
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const url = `${__ENV.BASE_URL}/anything`;
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PURGE']) {
    equal(method, http.request(method, url).json('method'), method);
  }
  equal('as it is written', http.request('Report', url, 'x').json('method'), 'Report');
  const res = http.request('POST', url, { a: 'b' }, { headers: { 'X-A': 'c' }, tags: { name: 'anything' } });
  equal('body', res.json('form.a'), ['b']);
  equal('header', res.json('headers.x-a'), ['c']);
}
