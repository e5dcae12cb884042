// api: Params.throw
// k6-differs: verdict: a request of which none was answered fails the run
// expect: checks 3
// expect-loadgate: exit thresholds
// expect-k6: exit pass
import http from 'k6/http';
import { equal, throws } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  throws('refused', () => http.get(`${__ENV.CLOSED_URL}/`, { throw: true }), 'connection refused');
  equal('not so without it', http.get(`${__ENV.CLOSED_URL}/`).status, 0);
  equal('a status is no error', http.get(`${__ENV.BASE_URL}/status/500`, { throw: true }).status, 500);
}
