// api: http.batch, options.batch, options.batchPerHost
// expect: checks 2
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { batchPerHost: 0, thresholds: { checks: ['rate==1'] } };

export default function () {
  const started = Date.now();
  const responses = http.batch(Array(10).fill(`${__ENV.BASE_URL}/delay/100`));
  equal('all', responses.length, 10);
  equal('at once', Date.now() - started < 600, true);
}
