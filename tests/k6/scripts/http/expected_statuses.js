// api: http.expectedStatuses, http.setResponseCallback
// expect: checks 5
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = {
  thresholds: {
    checks: ['rate==1'],
    'http_req_failed{name:expected}': ['rate==0'],
    'http_req_failed{name:unexpected}': ['rate==1'],
    'http_reqs{expected_response:true}': ['count==3'],
    'http_reqs{expected_response:false}': ['count==2'],
  },
};

http.setResponseCallback(http.expectedStatuses(404, { min: 500, max: 503 }));

const get = (status, name) => http.get(`${__ENV.BASE_URL}/status/${status}`, { tags: { name } });

export default function () {
  equal('404', get(404, 'expected').status, 404);
  equal('500', get(500, 'expected').status, 500);
  equal('503', get(503, 'expected').status, 503);
  equal('504', get(504, 'unexpected').status, 504);
  equal('200', get(200, 'unexpected').status, 200);
}
