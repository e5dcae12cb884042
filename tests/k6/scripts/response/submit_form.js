// api: Response.submitForm
// expect: checks 10
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const page = http.get(`${__ENV.BASE_URL}/html`);
  const res = page.submitForm({
    formSelector: '#order',
    fields: { name: 'Grace', colour: 'r' },
    params: { headers: { 'X-From': 'form' } },
  });
  equal('method', res.json('method'), 'POST');
  equal('path', res.json('path'), '/anything/order');
  equal('content type', res.json('headers.content-type'), ['application/x-www-form-urlencoded']);
  equal('a field given', res.json('form.name'), ['Grace']);
  equal('a select given', res.json('form.colour'), ['r']);
  equal('a text area', res.json('form.note'), ['Ring twice']);
  equal('a radio button', res.json('form.size'), ['m']);
  equal('what is not checked', res.json('form.insured'), undefined);
  equal('a checked box', res.json('form.gift'), ['on']);
  equal('parameters', res.json('headers.x-from'), ['form']);
}
