// api: cli.K6_USER_AGENT
// env: K6_USER_AGENT=environment/1.0
// expect: checks 1
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { userAgent: 'script/1.0', thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('user agent', http.get(`${__ENV.BASE_URL}/user-agent`).json('user-agent'), 'environment/1.0');
}
