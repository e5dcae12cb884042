// api: options.discardResponseBodies
// expect: checks 3
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { discardResponseBodies: true, thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('null', http.get(`${__ENV.BASE_URL}/json`).body, null);
  equal('text', typeof http.get(`${__ENV.BASE_URL}/json`, { responseType: 'text' }).body, 'string');
  const binary = http.get(`${__ENV.BASE_URL}/json`, { responseType: 'binary' });
  equal('binary', binary.body instanceof ArrayBuffer, true);
}
