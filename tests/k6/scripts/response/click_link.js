// api: Response.clickLink
// expect: checks 3
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const page = http.get(`${__ENV.BASE_URL}/html`);
  equal('the first link', page.clickLink().json('args.from'), ['link']);
  const second = page.clickLink({ selector: 'a.second', params: { headers: { 'X-A': 'b' } } });
  equal('a relative link', second.json('path'), '/anything/relative');
  equal('parameters', second.json('headers.x-a'), ['b']);
}
