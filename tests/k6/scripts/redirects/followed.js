// api: Params.redirects
// expect: checks 4
// expect: metric http_reqs count == 7
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'], 'http_reqs{status:302}': ['count==5'] } };

export default function () {
  const res = http.get(`${__ENV.BASE_URL}/redirect/3`);
  equal('status', res.status, 200);
  equal('url', res.url, `${__ENV.BASE_URL}/get`);
  equal('the request is the first', [res.request.method, res.request.url], ['GET', `${__ENV.BASE_URL}/redirect/3`]);
  equal('relative', http.get(`${__ENV.BASE_URL}/relative-redirect/2`).url, `${__ENV.BASE_URL}/get`);
}
