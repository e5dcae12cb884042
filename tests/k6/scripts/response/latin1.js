// api: Response.body
// expect: checks 2
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get(`${__ENV.BASE_URL}/latin1`);
  equal('what is no UTF-8 is replaced', res.body, 'caf\uFFFD');
  const binary = http.get(`${__ENV.BASE_URL}/latin1`, { responseType: 'binary' });
  equal('and kept in bytes', new Uint8Array(binary.body)[3], 0xe9);
}
