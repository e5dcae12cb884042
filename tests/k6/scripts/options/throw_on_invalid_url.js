// api: options.throw
// expect: checks 1
import http from 'k6/http';
import { throws } from '../../lib/equal.js';

export const options = { throw: true, thresholds: { checks: ['rate==1'] } };

export default function () {
  throws('an invalid URL', () => http.get('http://a b/bad'), 'invalid');
}
