// api: http.head
// expect: checks 5
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.head(`${__ENV.BASE_URL}/big/1000`, { headers: { 'X-A': '1' } });
  equal('status', res.status, 200);
  equal('no body', res.body, '');
  equal('the length it would have', res.headers['Content-Length'], '1000');
  equal('method', res.request.method, 'HEAD');
  equal('the second argument has the parameters', res.request.headers['X-A'], ['1']);
}
