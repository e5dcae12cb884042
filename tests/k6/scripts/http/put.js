// api: http.put
// expect: checks 4
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.put(`${__ENV.BASE_URL}/put`, 'new', { headers: { 'X-Version': '7' } });
  equal('status', res.status, 200);
  equal('method', res.json('method'), 'PUT');
  equal('body', res.json('body'), 'new');
  equal('header', res.json('headers.x-version'), ['7']);
}
