// api: Params.timeout
// expect: checks 16
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  for (const timeout of [50, '50ms', '0.05s']) {
    const started = Date.now();
    const res = http.get(`${__ENV.BASE_URL}/delay/2000`, { timeout });
    equal(`status after ${timeout}`, res.status, 0);
    equal(`error after ${timeout}`, res.error, 'request timeout');
    equal(`code after ${timeout}`, res.error_code, 1050);
    equal(`time of ${timeout}`, Date.now() - started < 1000, true);
    equal(`body after ${timeout}`, res.body, null);
  }
  equal('within', http.get(`${__ENV.BASE_URL}/delay/10`, { timeout: '5s' }).status, 200);
}
