// api: options.throw
// k6-differs: verdict: a request of which none was answered fails the run
// expect: checks 2
// expect-loadgate: exit thresholds
// expect-k6: exit pass
import http from 'k6/http';
import { equal, throws } from '../../lib/equal.js';

export const options = { throw: true, thresholds: { checks: ['rate==1'] } };

export default function () {
  throws('refused', () => http.get(`${__ENV.CLOSED_URL}/`), 'connection refused');
  equal('unless the request says so', http.get(`${__ENV.CLOSED_URL}/`, { throw: false }).status, 0);
}
