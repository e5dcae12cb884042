// api: options.tlsVersion
// expect: checks 1
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { insecureSkipTLSVerify: true, tlsVersion: 'tls1.2', thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('as asked', http.get(`${__ENV.TLS_URL}/get`).tls_version, 'tls1.2');
}
