// api: options.systemTags
// expect: checks 1
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = {
  systemTags: ['status', 'method'],
  thresholds: { checks: ['rate==1'], 'http_reqs{status:200}': ['count==1'], 'http_reqs{method:GET}': ['count==1'] },
};

export default function () {
  equal('status', http.get(`${__ENV.BASE_URL}/get`).status, 200);
}
