// api: Response.remote_ip, Response.remote_port, Response.proto
// expect: checks 5
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get(`${__ENV.BASE_URL}/get`);
  equal('address', res.remote_ip, '127.0.0.1');
  equal('port', res.remote_port, Number(__ENV.PORT));
  equal('proto', res.proto, 'HTTP/1.1');
  equal('error', res.error, '');
  equal('error code', res.error_code, 0);
}
