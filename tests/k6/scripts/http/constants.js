// api: http.TLS_*, http.OCSP_STATUS_*
// expect: checks 2
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('TLS', [http.TLS_1_0, http.TLS_1_1, http.TLS_1_2, http.TLS_1_3], ['tls1.0', 'tls1.1', 'tls1.2', 'tls1.3']);
  equal(
    'OCSP',
    [http.OCSP_STATUS_GOOD, http.OCSP_STATUS_REVOKED, http.OCSP_STATUS_UNKNOWN],
    ['good', 'revoked', 'unknown'],
  );
}
