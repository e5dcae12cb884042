// api: options.tlsVersion
// expect: checks 1
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = {
  insecureSkipTLSVerify: true,
  tlsVersion: { min: http.TLS_1_2, max: http.TLS_1_3 },
  thresholds: { checks: ['rate==1'] },
};

export default function () {
  equal('the newest', http.get(`${__ENV.TLS_URL}/get`).tls_version, 'tls1.3');
}
