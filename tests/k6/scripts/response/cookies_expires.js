// api: Response.cookies
// expect: checks 4
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const expires = new Date(Date.UTC(2090, 0, 2, 3, 4, 5)).toUTCString();
  const query = `name=id&value=7&expires=${encodeURIComponent(expires)}&secure=1`;
  const [cookie] = http.get(`${__ENV.BASE_URL}/cookies/set-detailed?${query}`).cookies.id;
  equal('milliseconds since 1970', cookie.expires, Date.UTC(2090, 0, 2, 3, 4, 5));
  equal('secure', cookie.secure, true);
  equal('not for HTTP only', cookie.http_only, false);
  equal('no age', cookie.max_age, 0);
}
