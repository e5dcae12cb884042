// api: options.tags
// expect: checks 1
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = {
  tags: { team: 'shop' },
  thresholds: {
    'checks{team:shop}': ['rate==1'],
    'http_reqs{team:shop}': ['count==1'],
    'iterations{team:shop}': ['count==1'],
  },
};

export default function () {
  equal('status', http.get(`${__ENV.BASE_URL}/get`).status, 200);
}
