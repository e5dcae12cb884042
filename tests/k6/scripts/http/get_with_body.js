// api: http.request
// expect: checks 3
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.request('GET', `${__ENV.BASE_URL}/anything`, '{"q":1}', { headers: { 'content-type': 'text/x' } });
  equal('method', res.json('method'), 'GET');
  equal('a body may go with a GET', res.json('body'), '{"q":1}');
  equal('content type', res.json('headers.content-type'), ['text/x']);
}
