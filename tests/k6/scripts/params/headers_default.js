// api: Params.headers
// expect: checks 2
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const echoed = http.get(`${__ENV.BASE_URL}/headers`).json('headers');
  equal('host', echoed.host, [__ENV.HOST]);
  equal(
    'no more than that',
    Object.keys(echoed).filter((name) => !['host', 'user-agent', 'accept-encoding'].includes(name)),
    [],
  );
}
