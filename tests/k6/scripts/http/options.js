// api: http.options
// expect: checks 4
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.options(`${__ENV.BASE_URL}/options`);
  equal('status', res.status, 204);
  equal('allowed', res.headers.Allow, 'GET, POST, OPTIONS');
  const echoed = http.options(`${__ENV.BASE_URL}/anything`, 'body', { headers: { 'X-A': 'b' } });
  equal('method', echoed.json('method'), 'OPTIONS');
  equal('the second argument is the body', echoed.json('body'), 'body');
}
