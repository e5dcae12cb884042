// api: http.asyncRequest
// expect: checks 3
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default async function () {
  const started = Date.now();
  const get = (ms) => http.asyncRequest('GET', `${__ENV.BASE_URL}/delay/${ms}`);
  const responses = await Promise.all([get(200), get(150), get(200)]);
  equal(
    'in their order',
    responses.map((res) => res.json('delayed')),
    [200, 150, 200],
  );
  equal('at once', Date.now() - started < 500, true);
  const first = await Promise.race([get(200), get(20)]);
  equal('the first', first.json('delayed'), 20);
}
