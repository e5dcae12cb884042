// api: options.noConnectionReuse
// expect: checks 1
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { noConnectionReuse: true, thresholds: { checks: ['rate==1'] } };

export default function () {
  const first = http.get(`${__ENV.BASE_URL}/ip`).json('port');
  const second = http.get(`${__ENV.BASE_URL}/ip`).json('port');
  equal('a new connection', first !== second, true);
}
