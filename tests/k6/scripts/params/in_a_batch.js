// api: http.batch, Params.tags
// expect: checks 2
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = {
  thresholds: { checks: ['rate==1'], 'http_reqs{name:one}': ['count==1'], 'http_reqs{name:two}': ['count==1'] },
};

export default function () {
  const url = `${__ENV.BASE_URL}/bytes/3`;
  const [one, two] = http.batch([
    ['GET', url, null, { tags: { name: 'one' }, responseType: 'binary' }],
    { method: 'GET', url, params: { tags: { name: 'two' }, responseType: 'none' } },
  ]);
  equal('binary', Array.from(new Uint8Array(one.body)), [0, 1, 2]);
  equal('none', two.body, null);
}
