// api: options.noVUConnectionReuse
// expect: checks 3
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { iterations: 3, thresholds: { checks: ['rate==1'] } };

let last;

export default function () {
  const port = http.get(`${__ENV.BASE_URL}/ip`).json('port');
  equal('the connection of the first iteration', port, last === undefined ? port : last);
  last = port;
}
