// api: http.get, modules.named imports
// expect: checks 7
import { get, post, del, request, batch, url, CookieJar } from 'k6/http';
import * as http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('get', get(`${__ENV.BASE_URL}/get`).status, 200);
  equal('post', post(`${__ENV.BASE_URL}/post`, 'x').status, 200);
  equal('del', del(`${__ENV.BASE_URL}/delete`).status, 200);
  equal('request', request('PUT', `${__ENV.BASE_URL}/put`).status, 200);
  equal('batch', batch([url`${__ENV.BASE_URL}/get`])[0].status, 200);
  equal('a namespace', http.get(`${__ENV.BASE_URL}/get`).status, 200);
  equal('a class', typeof CookieJar, 'function');
}
