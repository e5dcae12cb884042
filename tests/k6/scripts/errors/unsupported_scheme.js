// api: Response.error_code
// k6-differs: verdict: a run in which a request was not allowed is not measured
// expect: checks 2
// expect-loadgate: exit not measured
// expect-k6: exit pass
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('status', http.get('ftp://127.0.0.1/').status, 0);
  equal('none', http.get('nowhere').status, 0);
}
