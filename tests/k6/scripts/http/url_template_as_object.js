// api: http.url
// expect: checks 4
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const [host, id] = [__ENV.BASE_URL, 42];
  const url = http.url`${host}/anything/${id}`;
  equal('url', url.url, `${__ENV.BASE_URL}/anything/42`);
  equal('name', url.name, '${}/anything/${}');
  equal('in the second place', http.request('GET', url).json('path'), '/anything/42');
  equal('in a batch', http.batch([['GET', url]])[0].json('path'), '/anything/42');
}
