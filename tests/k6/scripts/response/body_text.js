// api: Response.body
// expect: checks 5
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('UTF-8', http.get(`${__ENV.BASE_URL}/text`).body, 'Grüße, 世界 🌍');
  equal('a string', typeof http.get(`${__ENV.BASE_URL}/json`).body, 'string');
  equal('chunks', http.get(`${__ENV.BASE_URL}/stream/3`).body, 'line 0\nline 1\nline 2\n');
  equal('large', http.get(`${__ENV.BASE_URL}/big/300000`).body.length, 300000);
  equal('empty', http.get(`${__ENV.BASE_URL}/big/0`).body, '');
}
