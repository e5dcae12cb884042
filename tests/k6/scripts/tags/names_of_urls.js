// api: tags.name
// expect: checks 1
// k6-differs: a request without a name is counted by method and path, with `{id}` for ids; its tags are k6's
// expect-k6: request "{BASE_URL}/anything/1" 2
// expect-k6: request "{BASE_URL}/anything/2?q=1" 1
// expect-loadgate: request "GET /anything/{id}" 2
// expect-loadgate: request "POST /anything/{id}" 1
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = {
  thresholds: { checks: ['rate==1'], [`http_reqs{name:${__ENV.BASE_URL}/anything/1}`]: ['count==2'] },
};

export default function () {
  http.get(`${__ENV.BASE_URL}/anything/1`);
  http.post(`${__ENV.BASE_URL}/anything/1`);
  equal('without a name the URL is the name', http.get(`${__ENV.BASE_URL}/anything/2?q=1`).status, 200);
}
