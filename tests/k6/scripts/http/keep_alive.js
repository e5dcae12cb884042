// api: options.noConnectionReuse
// expect: checks 2
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const first = http.get(`${__ENV.BASE_URL}/ip`);
  const second = http.get(`${__ENV.BASE_URL}/ip`);
  equal('one connection', second.json('port'), first.json('port'));
  equal('connected once', second.timings.connecting, 0);
}
