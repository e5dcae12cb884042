// api: http.file
// expect: checks 6
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const binary = http.file(new Uint8Array([104, 105]).buffer);
  equal('content type', binary.content_type, 'application/octet-stream');
  equal('a name is made up', binary.filename.length > 0, true);
  const echoed = http.post(`${__ENV.BASE_URL}/post`, { f: binary }).json();
  equal('its bytes', echoed.files.f[0].body, 'hi');
  equal('its content type', echoed.files.f[0].content_type, 'application/octet-stream');
  equal('its name', echoed.files.f[0].filename, binary.filename);
  const named = http.file('x', 'a "b".txt');
  equal(
    'a name with quotes',
    http.post(`${__ENV.BASE_URL}/post`, { f: named }).json('files.f.0.filename'),
    'a "b".txt',
  );
}
