// api: Response.cookies
// expect: checks 4
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const query = 'name=id&value=7&path=/anything&max-age=60&httponly=1&domain=127.0.0.1';
  const { cookies } = http.get(`${__ENV.BASE_URL}/cookies/set-detailed?${query}`);
  equal('names', Object.keys(cookies), ['id']);
  const [cookie] = cookies.id;
  const { expires, ...fields } = cookie;
  equal('fields', fields, {
    name: 'id',
    value: '7',
    domain: '127.0.0.1',
    path: '/anything',
    http_only: true,
    secure: false,
    max_age: 60,
  });
  equal('no end is long ago', typeof expires === 'number' && expires <= 0, true);
  const two = http.get(`${__ENV.BASE_URL}/cookies/set?a=1&b=2`).cookies;
  equal('two', [two.a[0].value, two.b[0].value], ['1', '2']);
}
