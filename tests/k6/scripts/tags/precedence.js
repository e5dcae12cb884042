// api: Params.tags
// expect: checks 1
import exec from 'k6/execution';
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = {
  tags: { from: 'options' },
  thresholds: {
    checks: ['rate==1'],
    'http_reqs{from:request}': ['count==1'],
    'http_reqs{from:vu}': ['count==1'],
    'http_reqs{from:options}': ['count==1'],
  },
};

export default function () {
  http.get(`${__ENV.BASE_URL}/get`);
  exec.vu.metrics.tags.from = 'vu';
  http.get(`${__ENV.BASE_URL}/get`);
  equal('status', http.get(`${__ENV.BASE_URL}/get`, { tags: { from: 'request' } }).status, 200);
}
