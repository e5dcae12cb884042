// api: options.maxRedirects
// expect: checks 3
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('ten', http.get(`${__ENV.BASE_URL}/redirect/10`).status, 200);
  const eleven = http.get(`${__ENV.BASE_URL}/redirect/11`);
  equal('not eleven', eleven.status, 302);
  equal('where it stopped', eleven.url, `${__ENV.BASE_URL}/redirect/1`);
}
