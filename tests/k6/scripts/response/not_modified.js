// api: Response.status
// expect: checks 3
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const first = http.get(`${__ENV.BASE_URL}/cache-etag`);
  equal('etag', first.headers.Etag, '"v1"');
  const second = http.get(`${__ENV.BASE_URL}/cache-etag`, { headers: { 'If-None-Match': first.headers.Etag } });
  equal('status', second.status, 304);
  equal('body', second.body, null);
}
