// api: http.asyncRequest
// expect: checks 4
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default async function () {
  const promise = http.asyncRequest('POST', `${__ENV.BASE_URL}/post`, 'body', { headers: { 'X-A': 'b' } });
  equal('a promise', promise instanceof Promise, true);
  const res = await promise;
  equal('status', res.status, 200);
  equal('body', res.json('body'), 'body');
  equal('header', res.json('headers.x-a'), ['b']);
}
