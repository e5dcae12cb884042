// api: Params.redirects
// expect: checks 1
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = {
  thresholds: {
    checks: ['rate==1'],
    'http_reqs{name:hop}': ['count==3'],
    'http_reqs{name:hop,status:200}': ['count==1'],
  },
};

export default function () {
  equal('status', http.get(`${__ENV.BASE_URL}/redirect/2`, { tags: { name: 'hop' } }).status, 200);
}
