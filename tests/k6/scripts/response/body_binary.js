// api: Params.responseType
// expect: checks 5
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get(`${__ENV.BASE_URL}/bytes/300`, { responseType: 'binary' });
  equal('an ArrayBuffer', res.body instanceof ArrayBuffer, true);
  equal('its length', res.body.byteLength, 300);
  const bytes = new Uint8Array(res.body);
  equal('its bytes', [bytes[0], bytes[128], bytes[255], bytes[256]], [0, 128, 255, 0]);
  const image = http.get(`${__ENV.BASE_URL}/image`, { responseType: 'binary' });
  equal('an image', String.fromCharCode(...new Uint8Array(image.body).slice(0, 6)), 'GIF89a');
  equal('JSON of bytes', http.get(`${__ENV.BASE_URL}/json`, { responseType: 'binary' }).json('numbers.0'), 10);
}
