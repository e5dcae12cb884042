// api: Params.redirects
// expect: checks 2
// expect: metric http_reqs count == 3
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get(`${__ENV.BASE_URL}/redirect/5`, { redirects: 2 });
  equal('the last redirect is the answer', res.status, 302);
  equal('url', res.url, `${__ENV.BASE_URL}/redirect/3`);
}
