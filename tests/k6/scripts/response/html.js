// api: Response.html
// expect: checks 3
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get(`${__ENV.BASE_URL}/html`);
  equal('title', res.html('head title').text(), 'The corner shop');
  equal('find', res.html().find('li').size(), 4);
  equal('attribute', res.html('form#order').attr('action'), '/anything/order');
}
