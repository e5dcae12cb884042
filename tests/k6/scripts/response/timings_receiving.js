// api: Response.timings
// expect: checks 3
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get(`${__ENV.BASE_URL}/slow-body`);
  equal('body', res.body, 'piece '.repeat(10));
  equal('receiving', res.timings.receiving > 700, true);
  equal('duration', res.timings.duration > 800, true);
}
