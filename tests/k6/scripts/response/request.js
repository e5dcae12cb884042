// api: Response.request
// expect: checks 7
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const headers = { 'x-a': 'b', 'Content-Type': 'text/x' };
  const { request } = http.post(`${__ENV.BASE_URL}/post?q=1`, 'sent', { headers, cookies: { c: '1' } });
  equal('method', request.method, 'POST');
  equal('url', request.url, `${__ENV.BASE_URL}/post?q=1`);
  equal('body', request.body, 'sent');
  equal('headers are lists', request.headers['X-A'], ['b']);
  equal('content type', request.headers['Content-Type'], ['text/x']);
  equal('user agent', request.headers['User-Agent'].length, 1);
  equal('cookies', request.cookies, { c: [{ name: 'c', value: '1', replace: false }] });
}
