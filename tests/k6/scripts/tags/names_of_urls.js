// api: tags.name
// expect: checks 1
// expect: request "{BASE_URL}/anything/1" 2
// expect: request "{BASE_URL}/anything/2?q=1" 1
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  http.get(`${__ENV.BASE_URL}/anything/1`);
  http.post(`${__ENV.BASE_URL}/anything/1`);
  equal('without a name the URL is the name', http.get(`${__ENV.BASE_URL}/anything/2?q=1`).status, 200);
}
