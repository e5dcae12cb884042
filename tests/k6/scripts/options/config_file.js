// api: cli.--config
// args: --config {DIR}/files/config.json
// expect: checks 2
// expect: check "of the script" 2
import http from 'k6/http';
import { check } from 'k6';

export const options = { maxRedirects: 1, thresholds: { checks: ['rate==1'], iterations: ['count==2'] } };

export default function () {
  const agent = http.get(`${__ENV.BASE_URL}/user-agent`).json('user-agent');
  const redirected = http.get(`${__ENV.BASE_URL}/redirect/2`);
  check(agent, { 'of the script': (a) => a === 'config/1.0' && redirected.status === 302 });
}
