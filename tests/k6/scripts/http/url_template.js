// api: http.url
// expect: request "${}/anything/${}/items/${}" 3
// expect: checks 3
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  for (const id of [1, 2, 'c d']) {
    const res = http.get(http.url`${__ENV.BASE_URL}/anything/${id}/items/${id}`);
    equal(`path of ${id}`, res.json('path'), encodeURI(`/anything/${id}/items/${id}`));
  }
}
