// api: Response.tls_version, Response.tls_cipher_suite
// api: Response.ocsp
// expect: checks 6
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { insecureSkipTLSVerify: true, thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get(`${__ENV.TLS_URL}/get`);
  equal('version', res.tls_version, 'tls1.3');
  equal('the constant of it', res.tls_version, http.TLS_1_3);
  equal('cipher suite', res.tls_cipher_suite.startsWith('TLS_'), true);
  const plain = http.get(`${__ENV.BASE_URL}/get`);
  equal('none', plain.tls_version, '');
  equal('none either', plain.tls_cipher_suite, '');
  equal('no certificate status', plain.ocsp.status, '');
}
