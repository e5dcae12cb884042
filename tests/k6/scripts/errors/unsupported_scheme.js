// api: Response.error_code
// k6-differs: a request that can't be sent fails the run
// expect: checks 2
// expect-loadgate: exit thresholds
// expect-k6: exit pass
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('status', http.get('ftp://127.0.0.1/').status, 0);
  equal('none', http.get('nowhere').status, 0);
}
