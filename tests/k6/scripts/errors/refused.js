// api: Response.error, Response.error_code
// k6-differs: verdict: a request of which none was answered fails the run
// expect: checks 11
// expect: metric http_req_failed rate == 1
// expect-loadgate: exit thresholds
// expect-k6: exit pass
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get(`${__ENV.CLOSED_URL}/`);
  equal('status', res.status, 0);
  equal('code', res.error_code, 1212);
  equal('error', res.error, 'dial: connection refused');
  equal('body', res.body, null);
  equal('headers', res.headers, {});
  equal('cookies', res.cookies, {});
  equal('url', res.url, `${__ENV.CLOSED_URL}/`);
  equal('address', [res.remote_ip, res.remote_port], ['', 0]);
  equal('proto', res.proto, '');
  equal('status text', res.status_text, '');
  equal('duration', res.timings.duration, 0);
}
