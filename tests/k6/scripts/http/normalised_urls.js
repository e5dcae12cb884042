// api: http.url, http.get
// k6-differs: URLs are normalised as browsers do: `/a/../b` is `/b`, and a path is `/` at least
// expect: checks 2
// expect-loadgate: stderr contains "dots: /anything,"
// expect-loadgate: stderr contains "no path: /?a=1,"
// expect-k6: stderr contains "dots: /anything/../anything,"
// expect-k6: stderr contains "no path: ?a=1,"
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const dots = http.get(`${__ENV.BASE_URL}/anything/../anything`);
  equal('status', dots.status, 200);
  console.log(`dots: ${dots.json('path')},`);
  const none = http.get(`${__ENV.BASE_URL}?a=1`);
  equal('its query', none.request.url.endsWith('?a=1'), true);
  console.log(`no path: ${none.request.url.slice(__ENV.BASE_URL.length)},`);
}
