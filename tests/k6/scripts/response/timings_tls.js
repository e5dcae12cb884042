// api: Response.timings
// expect: checks 2
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { insecureSkipTLSVerify: true, thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('a handshake', http.get(`${__ENV.TLS_URL}/get`).timings.tls_handshaking > 0, true);
  equal('only one', http.get(`${__ENV.TLS_URL}/get`).timings.tls_handshaking, 0);
}
