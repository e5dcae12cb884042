// api: Params.auth
// expect: checks 4
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

http.setResponseCallback(http.expectedStatuses(200, 401));

export default function () {
  const base = __ENV.BASE_URL.replace('//', '//ada:s3cret@');
  const res = http.get(`${base}/digest-auth/auth/ada/s3cret?a=b`, { auth: 'digest' });
  equal('status', res.status, 200);
  equal('user', res.json('user'), 'ada');
  equal('with a body', http.post(`${base}/digest-auth/auth/ada/s3cret`, 'body', { auth: 'digest' }).status, 200);
  equal('a wrong password', http.get(`${base}/digest-auth/auth/ada/other`, { auth: 'digest' }).status, 401);
}
