// api: options.noVUConnectionReuse
// expect: checks 4
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { noVUConnectionReuse: true, iterations: 2, thresholds: { checks: ['rate==1'] } };

let last;

export default function () {
  const first = http.get(`${__ENV.BASE_URL}/ip`).json('port');
  const second = http.get(`${__ENV.BASE_URL}/ip`).json('port');
  equal('kept within an iteration', first === second, true);
  equal('a new one in the next', last !== first, true);
  last = second;
}
