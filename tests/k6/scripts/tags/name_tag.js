// api: tags.name
// expect: checks 3
// expect: request "item" 3
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'], 'http_req_duration{name:item}': ['max<5000'] } };

export default function () {
  for (const id of [1, 2, 3]) {
    equal(`${id}`, http.get(`${__ENV.BASE_URL}/anything/${id}`, { tags: { name: 'item' } }).status, 200);
  }
}
