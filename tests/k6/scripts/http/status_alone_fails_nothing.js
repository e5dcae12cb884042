// api: http.get
// expect: checks 2
// expect: metric http_req_failed rate == 0.5
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('404', http.get(`${__ENV.BASE_URL}/status/404`).status, 404);
  equal('200', http.get(`${__ENV.BASE_URL}/status/200`).status, 200);
}
