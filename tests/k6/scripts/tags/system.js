// api: tags.system
// expect: checks 1
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = {
  thresholds: {
    checks: ['rate==1'],
    [`http_reqs{url:${__ENV.BASE_URL}/get,name:${__ENV.BASE_URL}/get}`]: ['count==1'],
    'http_reqs{proto:HTTP/1.1,method:GET,status:200,scenario:default,expected_response:true}': ['count==1'],
  },
};

export default function () {
  equal('status', http.get(`${__ENV.BASE_URL}/get`).status, 200);
}
