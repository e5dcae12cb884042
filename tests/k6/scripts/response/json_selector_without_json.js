// api: Response.json
// expect: checks 2
import http from 'k6/http';
import { equal, throws } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get(`${__ENV.BASE_URL}/text`);
  equal('a selector finds nothing', res.json('a'), undefined);
  throws('the whole is an exception', () => res.json(), 'json');
}
