// api: options.userAgent
// expect: checks 2
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { userAgent: 'shopper/1.0', thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('option', http.get(`${__ENV.BASE_URL}/user-agent`).json('user-agent'), 'shopper/1.0');
  const headers = { 'User-Agent': 'other/2.0' };
  equal('header', http.get(`${__ENV.BASE_URL}/user-agent`, { headers }).json('user-agent'), 'other/2.0');
}
