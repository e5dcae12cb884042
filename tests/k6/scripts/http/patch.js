// api: http.patch
// expect: checks 2
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.patch(`${__ENV.BASE_URL}/patch`, JSON.stringify({ a: null }));
  equal('method', res.json('method'), 'PATCH');
  equal('body', res.json('body'), '{"a":null}');
}
