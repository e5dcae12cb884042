// api: Response.status
// expect: checks 3
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

http.setResponseCallback(http.expectedStatuses({ min: 200, max: 599 }));

export default function () {
  equal('an unusual one', http.get(`${__ENV.BASE_URL}/status/299`).status, 299);
  equal('its code', http.get(`${__ENV.BASE_URL}/status/450`).error_code, 1450);
  equal('of its kind', http.get(`${__ENV.BASE_URL}/status/599`).error_code, 1599);
}
