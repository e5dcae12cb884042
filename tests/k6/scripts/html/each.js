// api: html.Selection.each, html.Selection.map, html.Selection.toArray, html.Selection.get
// expect: checks 5
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const items = http.get(`${__ENV.BASE_URL}/html`).html('li');
  const seen = [];
  items.each((index, element) => {
    seen.push(`${index}:${element.textContent()}`);
  });
  equal('each', seen, ['0:one', '1:two', '2:three', '3:four']);
  equal(
    'map',
    items.map((index, item) => `${index}${item.text()}`),
    ['0one', '1two', '2three', '3four'],
  );
  equal(
    'array',
    items.toArray().map((item) => item.text()),
    ['one', 'two', 'three', 'four'],
  );
  equal('get', items.get(2).textContent(), 'three');
  equal('none', items.get(9), undefined);
}
