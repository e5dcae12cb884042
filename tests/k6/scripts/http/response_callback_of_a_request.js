// api: Params.responseCallback
// expect: checks 2
// expect: metric http_req_failed rate == 0
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'], http_req_failed: ['rate==0'] } };

export default function () {
  const responseCallback = http.expectedStatuses({ min: 400, max: 499 });
  equal('status', http.get(`${__ENV.BASE_URL}/status/418`, { responseCallback }).status, 418);
  equal('others have the default', http.get(`${__ENV.BASE_URL}/get`).status, 200);
}
