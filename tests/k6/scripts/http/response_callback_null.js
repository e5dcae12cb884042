// api: http.setResponseCallback
// expect: checks 2
// expect: metric http_req_failed rate == 1
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

http.setResponseCallback(null);

export default function () {
  equal('neither failed nor not', http.get(`${__ENV.BASE_URL}/get`).status, 200);
  const responseCallback = http.expectedStatuses(200);
  equal('one that was asked for', http.get(`${__ENV.BASE_URL}/status/500`, { responseCallback }).status, 500);
}
