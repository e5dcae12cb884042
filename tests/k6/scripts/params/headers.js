// api: Params.headers
// expect: checks 5
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const headers = { 'X-Text': 'a b', 'x-number': 5, 'X-Flag': true, Authorization: 'Bearer t0k3n', Accept: 'text/x' };
  const echoed = http.get(`${__ENV.BASE_URL}/headers`, { headers }).json('headers');
  equal('text', echoed['x-text'], ['a b']);
  equal('number', echoed['x-number'], ['5']);
  equal('flag', echoed['x-flag'], ['true']);
  equal('authorization', echoed.authorization, ['Bearer t0k3n']);
  equal('accept', echoed.accept, ['text/x']);
}
