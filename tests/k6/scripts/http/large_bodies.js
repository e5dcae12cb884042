// api: http.post, Response.body
// expect: checks 2
// expect: metric data_received count > 3000000
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get(`${__ENV.BASE_URL}/big/3000000`);
  equal('received', res.body.length, 3000000);
  const sent = http.post(`${__ENV.BASE_URL}/decoded`, 'y'.repeat(1000000));
  equal('sent', sent.json('received'), 1000000);
}
