// api: options.maxRedirects
// expect: checks 3
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { maxRedirects: 1, thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get(`${__ENV.BASE_URL}/redirect/3`);
  equal('status', res.status, 302);
  equal('url', res.url, `${__ENV.BASE_URL}/redirect/2`);
  equal('more for one request', http.get(`${__ENV.BASE_URL}/redirect/3`, { redirects: 5 }).status, 200);
}
