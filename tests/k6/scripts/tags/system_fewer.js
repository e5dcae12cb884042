// api: options.systemTags
// k6-differs: a threshold on a tag that was left out has no data, and doesn't pass
// expect: checks 1
// expect-loadgate: exit thresholds
// expect-k6: exit pass
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = {
  systemTags: ['status', 'method'],
  thresholds: { checks: ['rate==1'], 'http_reqs{status:200}': ['count==1'], 'http_reqs{name:item}': ['count<1'] },
};

export default function () {
  equal('status', http.get(`${__ENV.BASE_URL}/get`).status, 200);
}
