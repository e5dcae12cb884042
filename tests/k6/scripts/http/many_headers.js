// api: Params.headers
// expect: checks 2
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const headers = {};
  for (let i = 0; i < 50; i++) {
    headers[`X-Header-${i}`] = `value ${i}`;
  }
  const echoed = http.get(`${__ENV.BASE_URL}/headers`, { headers }).json('headers');
  equal('all', Object.keys(echoed).filter((name) => name.startsWith('x-header-')).length, 50);
  equal('one of them', echoed['x-header-49'], ['value 49']);
}
