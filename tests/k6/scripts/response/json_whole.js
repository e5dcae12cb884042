// api: Response.json
// expect: checks 8
import http from 'k6/http';
import { equal, throws } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const post = (body) => http.request('GET', `${__ENV.BASE_URL}/anything`, body).json('json');
  equal('object', post('{"a":[1,2,{"b":null}]}'), { a: [1, 2, { b: null }] });
  equal('array', post('[]'), []);
  equal('number', post('1e3'), 1000);
  equal('text', post('"x\\u0041"'), 'xA');
  const res = http.get(`${__ENV.BASE_URL}/json`);
  res.json().added = 1;
  equal('what is changed stays so', res.json().added, 1);
  res.json().shop.name = 'another';
  equal('deep within too', res.json().shop.name, 'another');
  equal('but for the body', JSON.parse(res.body).shop.name, 'Corner');
  throws('no JSON', () => http.get(`${__ENV.BASE_URL}/text`).json(), 'cannot parse json');
}
