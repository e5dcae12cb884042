// api: Params.redirects
// expect: checks 2
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const headers = { 'X-A': 'b', Authorization: 'Bearer x' };
  const res = http.get(`${__ENV.BASE_URL}/redirect-to?url=/headers`, { headers });
  equal('go along', res.json('headers.x-a'), ['b']);
  equal('to the same host', res.json('headers.authorization'), ['Bearer x']);
}
