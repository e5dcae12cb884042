// api: options.userAgent
// k6-differs: loadgate says what it is
// expect: checks 1
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const agent = http.get(`${__ENV.BASE_URL}/user-agent`).json('user-agent');
  equal('a product and a version', /^(Grafana k6|loadgate)\/\d+\.\d+\.\d+/.test(agent), true);
}
