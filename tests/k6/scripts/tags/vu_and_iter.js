// api: options.systemTags
// expect: checks ?
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = {
  iterations: 2,
  systemTags: ['vu', 'iter', 'url', 'name'],
  thresholds: { checks: ['rate==1'], 'http_reqs{vu:1}': ['count==2'], 'http_reqs{iter:1}': ['count==1'] },
};

export default function () {
  equal('status', http.get(`${__ENV.BASE_URL}/get`).status, 200);
}
