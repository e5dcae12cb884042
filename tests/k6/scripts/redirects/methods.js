// api: Params.redirects
// expect: checks 12
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const to = (status) => `${__ENV.BASE_URL}/redirect-to?url=/anything/there&status_code=${status}`;
  const cases = [
    [301, 'GET', ''],
    [302, 'GET', ''],
    [303, 'GET', ''],
    [307, 'POST', 'sent'],
    [308, 'POST', 'sent'],
  ];
  for (const [status, method, body] of cases) {
    const res = http.post(to(status), 'sent');
    equal(`method after ${status}`, res.json('method'), method);
    equal(`body after ${status}`, res.json('body'), body);
  }
  equal('HEAD stays', http.head(to(302)).request.method, 'HEAD');
  equal('PUT', http.put(to(302), 'x').json('method'), 'GET');
}
