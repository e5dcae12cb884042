// api: Params.tags
// expect: checks 3
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = {
  thresholds: {
    checks: ['rate==1'],
    'http_reqs{kind:read}': ['count==2'],
    'http_reqs{kind:write}': ['count==1'],
    'http_req_duration{kind:write}': ['max<5000'],
    'http_reqs{kind:read,weight:2}': ['count==1'],
    'http_reqs{name:item}': ['count==2'],
  },
};

export default function () {
  equal('1', http.get(`${__ENV.BASE_URL}/anything/1`, { tags: { kind: 'read', name: 'item' } }).status, 200);
  equal('2', http.get(`${__ENV.BASE_URL}/anything/2`, { tags: { kind: 'read', weight: 2, name: 'item' } }).status, 200);
  equal('3', http.post(`${__ENV.BASE_URL}/anything`, '', { tags: { kind: 'write' } }).status, 200);
}
