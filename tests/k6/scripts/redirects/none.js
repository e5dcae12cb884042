// api: Params.redirects
// expect: checks 5
// expect: metric http_reqs count == 1
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'], http_req_failed: ['rate==0'] } };

export default function () {
  const res = http.get(`${__ENV.BASE_URL}/redirect/3`, { redirects: 0 });
  equal('status', res.status, 302);
  equal('location', res.headers.Location, `${__ENV.BASE_URL}/redirect/2`);
  equal('url', res.url, `${__ENV.BASE_URL}/redirect/3`);
  equal('body', res.body, 'elsewhere');
  equal('error', res.error_code, 0);
}
