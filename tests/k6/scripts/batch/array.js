// api: http.batch
// expect: checks 6
// expect: metric http_reqs count == 4
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const url = `${__ENV.BASE_URL}/anything`;
  const responses = http.batch([
    `${url}/0`,
    ['GET', `${url}/1`],
    ['POST', `${url}/2`, 'body', { headers: { 'X-A': 'b' } }],
    { method: 'PUT', url: `${url}/3`, body: { a: '1' }, params: { tags: { name: 'third' } } },
  ]);
  equal('an array', Array.isArray(responses), true);
  equal(
    'in its order',
    responses.map((res) => res.json('path')),
    ['0', '1', '2', '3'].map((i) => `/anything/${i}`),
  );
  equal(
    'methods',
    responses.map((res) => res.json('method')),
    ['GET', 'GET', 'POST', 'PUT'],
  );
  equal('body', responses[2].json('body'), 'body');
  equal('header', responses[2].json('headers.x-a'), ['b']);
  equal('form', responses[3].json('form'), { a: ['1'] });
}
