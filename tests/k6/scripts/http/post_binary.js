// api: http.post
// expect: checks 2
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const bytes = new Uint8Array([0, 1, 127, 128, 255]);
  const echoed = http.post(`${__ENV.BASE_URL}/post`, bytes.buffer).json();
  equal('bytes as they are', echoed.hex, '00017f80ff');
  equal('length', echoed.headers['content-length'], ['5']);
}
