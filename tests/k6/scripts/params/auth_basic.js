// api: Params.auth
// expect: checks 4
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

http.setResponseCallback(http.expectedStatuses(200, 401));

export default function () {
  const url = (user, password) => __ENV.BASE_URL.replace('//', `//${user}:${password}@`);
  const ok = http.get(`${url('ada', 's3cret')}/basic-auth/ada/s3cret`);
  equal('by the URL', ok.json('user'), 'ada');
  equal('a wrong password', http.get(`${url('ada', 'no')}/basic-auth/ada/s3cret`).status, 401);
  equal('said so', http.get(`${url('a%40b', 'c%3Ad')}/basic-auth/a%40b/c%3Ad`, { auth: 'basic' }).json('user'), 'a@b');
  const headers = { Authorization: 'Basic YWRhOnMzY3JldA==' };
  equal('by a header', http.get(`${__ENV.BASE_URL}/basic-auth/ada/s3cret`, { headers }).status, 200);
}
