// api: http.post
// expect: checks 5
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const text = http.post(`${__ENV.BASE_URL}/post`, 'plain').json();
  equal('text as it is', text.body, 'plain');
  equal('no content type', text.headers['content-type'], undefined);
  const none = http.post(`${__ENV.BASE_URL}/post`).json();
  equal('no body', none.size, 0);
  equal('a length of zero', none.headers['content-length'], ['0']);
  const empty = http.post(`${__ENV.BASE_URL}/post`, null).json();
  equal('null is no body', empty.size, 0);
}
