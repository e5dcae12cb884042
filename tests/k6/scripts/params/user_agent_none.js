// api: options.userAgent
// expect: checks 1
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { userAgent: '', thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('none', http.get(`${__ENV.BASE_URL}/user-agent`).json('user-agent'), null);
}
