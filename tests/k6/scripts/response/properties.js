// api: Response.status
// expect: checks 2
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get(`${__ENV.BASE_URL}/get`);
  const names = [
    'body',
    'cookies',
    'error',
    'error_code',
    'headers',
    'ocsp',
    'proto',
    'remote_ip',
    'remote_port',
    'request',
    'status',
    'status_text',
    'timings',
    'tls_cipher_suite',
    'tls_version',
    'url',
  ];
  const shown = JSON.parse(JSON.stringify(res));
  equal('as JSON', Object.keys(shown).sort(), names);
  equal(
    'methods',
    ['clickLink', 'html', 'json', 'submitForm'].map((name) => typeof res[name]),
    Array(4).fill('function'),
  );
}
