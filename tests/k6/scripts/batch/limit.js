// api: options.batch
// expect: checks 1
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { batch: 2, thresholds: { checks: ['rate==1'] } };

export default function () {
  const started = Date.now();
  http.batch(Array(6).fill(`${__ENV.BASE_URL}/delay/50`));
  equal('two at a time', Date.now() - started >= 149, true);
}
