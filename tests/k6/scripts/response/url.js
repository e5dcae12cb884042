// api: Response.url
// expect: checks 2
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('as it was', http.get(`${__ENV.BASE_URL}/get?a=1`).url, `${__ENV.BASE_URL}/get?a=1`);
  equal('after redirects', http.get(`${__ENV.BASE_URL}/redirect/2`).url, `${__ENV.BASE_URL}/get`);
}
