// api: http.setResponseCallback
// expect: checks 1
// expect: metric http_req_failed absent
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

http.setResponseCallback(null);

export default function () {
  equal('status', http.get(`${__ENV.BASE_URL}/status/500`).status, 500);
}
