// api: language.promises
// expect: checks 2
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  // The iteration ends when nothing is left to wait for.
  http
    .asyncRequest('GET', `${__ENV.BASE_URL}/anything/1`)
    .then((res) => http.asyncRequest('GET', `${__ENV.BASE_URL}${res.json('path')}/2`))
    .then((res) => equal('the second', res.json('path'), '/anything/1/2'))
    .finally(() => equal('at last', true, true));
}
