// api: http.file
// expect: checks 5
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const form = { one: http.file('1', 'one.txt'), two: http.file('22', 'two.txt', 'text/plain'), note: 'three' };
  const echoed = http.post(`${__ENV.BASE_URL}/post`, form, { headers: { 'X-A': 'b' } }).json();
  equal('names', Object.keys(echoed.files).sort(), ['one', 'two']);
  equal('sizes', [echoed.files.one[0].size, echoed.files.two[0].size], [1, 2]);
  equal(
    'types',
    [echoed.files.one[0].content_type, echoed.files.two[0].content_type],
    ['application/octet-stream', 'text/plain'],
  );
  equal('a field beside them', echoed.form, { note: ['three'] });
  equal('a header', echoed.headers['x-a'], ['b']);
}
