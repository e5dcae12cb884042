// api: Params.headers
// expect: checks 5
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('null', http.get(`${__ENV.BASE_URL}/get`, null).status, 200);
  equal('undefined', http.get(`${__ENV.BASE_URL}/get`, undefined).status, 200);
  equal('empty', http.get(`${__ENV.BASE_URL}/get`, {}).status, 200);
  const params = { headers: null, tags: undefined, cookies: null, jar: undefined };
  equal('members', http.get(`${__ENV.BASE_URL}/get`, params).status, 200);
  equal('unknown members', http.get(`${__ENV.BASE_URL}/get`, { colour: 'red' }).status, 200);
}
