// api: http.get, Response.status, Response.json
// expect: checks 7
// expect: metric http_reqs count == 1
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get(`${__ENV.BASE_URL}/anything/a%20b?x=1&y=two&x=3`);
  equal('status', res.status, 200);
  equal('status text', res.status_text, '200 OK');
  equal('method', res.json('method'), 'GET');
  equal('path', res.json('path'), '/anything/a%20b');
  equal('query', res.json('args'), { x: ['1', '3'], y: ['two'] });
  equal('no body was sent', res.json('size'), 0);
  equal('no content type was sent', res.json('headers.content-type'), undefined);
}
