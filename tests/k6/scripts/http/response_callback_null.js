// api: http.setResponseCallback
// k6-differs: without a callback (`null`) a request that was answered is one that didn't fail
// expect: checks 2
// expect-loadgate: metric http_req_failed rate == 0.5
// expect-k6: metric http_req_failed rate == 1
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

http.setResponseCallback(null);

export default function () {
  equal('neither failed nor not', http.get(`${__ENV.BASE_URL}/get`).status, 200);
  const responseCallback = http.expectedStatuses(200);
  equal('one that was asked for', http.get(`${__ENV.BASE_URL}/status/500`, { responseCallback }).status, 500);
}
