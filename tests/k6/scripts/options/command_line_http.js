// api: cli.--user-agent, cli.--max-redirects, cli.--discard-response-bodies, cli.--insecure-skip-tls-verify
// args: --user-agent line/1.0 --max-redirects 1 --discard-response-bodies --insecure-skip-tls-verify
// expect: checks 4
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { userAgent: 'script/1.0', maxRedirects: 5, thresholds: { checks: ['rate==1'] } };

export default function () {
  const agent = http.get(`${__ENV.BASE_URL}/user-agent`, { responseType: 'text' });
  equal('user agent', agent.json('user-agent'), 'line/1.0');
  equal('redirects', http.get(`${__ENV.BASE_URL}/redirect/2`).status, 302);
  equal('bodies', http.get(`${__ENV.BASE_URL}/json`).body, null);
  equal('certificates', http.get(`${__ENV.TLS_URL}/get`).status, 200);
}
