// api: html.Selection.html, html.Selection.serialize, html.Selection.serializeArray, html.Selection.serializeObject
// expect: checks 4
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const doc = http.get(`${__ENV.BASE_URL}/html`).html();
  equal('inner HTML', doc.find('li.last').html(), '<b>three</b>');
  const form = doc.find('#search');
  equal('object', form.serializeObject(), { q: 'bread', token: 's3cret' });
  equal('text', form.serialize(), 'q=bread&token=s3cret');
  equal('array', form.serializeArray(), [
    { name: 'token', value: 's3cret' },
    { name: 'q', value: 'bread' },
  ]);
}
