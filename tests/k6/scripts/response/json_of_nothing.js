// api: Response.json
// expect: checks 2
import http from 'k6/http';
import { throws } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  throws('an empty body', () => http.get(`${__ENV.BASE_URL}/status/204`).json(), 'body is null');
  const res = http.get(`${__ENV.BASE_URL}/json`, { responseType: 'none' });
  throws('a body not kept', () => res.json(), 'body is null');
}
