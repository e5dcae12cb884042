// api: options.batchPerHost
// expect: checks 1
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { batchPerHost: 1, thresholds: { checks: ['rate==1'] } };

export default function () {
  const started = Date.now();
  http.batch(Array(4).fill(`${__ENV.BASE_URL}/delay/50`));
  equal('one after the other', Date.now() - started >= 199, true);
}
