// api: options.rps
// expect: checks 1
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { rps: 20, thresholds: { checks: ['rate==1'] } };

export default function () {
  const started = Date.now();
  for (let i = 0; i < 9; i++) {
    http.get(`${__ENV.BASE_URL}/get`);
  }
  equal('eight gaps', Date.now() - started >= 395, true);
}
