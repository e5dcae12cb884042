// api: Response.proto, options.insecureSkipTLSVerify
// expect: checks 5
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = {
  insecureSkipTLSVerify: true,
  thresholds: { checks: ['rate==1'], 'http_reqs{proto:HTTP/2.0}': ['count==2'] },
};

export default function () {
  const res = http.post(`${__ENV.TLS_URL}/anything?a=1`, 'over two', { headers: { 'X-A': 'b' } });
  equal('proto', res.proto, 'HTTP/2.0');
  equal('body', res.json('body'), 'over two');
  equal('header', res.json('headers.x-a'), ['b']);
  equal('answered headers have the usual names', res.headers['Content-Type'], 'application/json');
  equal('again', http.get(`${__ENV.TLS_URL}/get`).proto, 'HTTP/2.0');
}
