// api: Params.headers
// expect: checks 1
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const echoed = http.get(`${__ENV.BASE_URL}/headers`, { headers: { Host: 'shop.example' } }).json('headers');
  equal('host', echoed.host, ['shop.example']);
}
