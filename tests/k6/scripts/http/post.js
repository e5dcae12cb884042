// api: http.post
// expect: checks 5
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const body = JSON.stringify({ name: 'Ada', tags: ['a', 'b'] });
  const res = http.post(`${__ENV.BASE_URL}/post`, body, { headers: { 'Content-Type': 'application/json' } });
  equal('method', res.json('method'), 'POST');
  equal('body', res.json('body'), body);
  equal('parsed', res.json('json'), { name: 'Ada', tags: ['a', 'b'] });
  equal('content type', res.json('headers.content-type'), ['application/json']);
  equal('content length', res.json('headers.content-length'), [String(body.length)]);
}
