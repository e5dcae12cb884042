// api: html.Selection.eq, html.Selection.first, html.Selection.last, html.Selection.filter, html.Selection.not
// api: html.Selection.is, html.Selection.has, html.Selection.slice
// api: html.Selection.add
// expect: checks 11
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const items = http.get(`${__ENV.BASE_URL}/html`).html('li');
  equal('eq', items.eq(1).text(), 'two');
  equal('from the end', items.eq(-1).text(), 'four');
  equal('first', items.first().text(), 'one');
  equal('last', items.last().text(), 'four');
  equal('filter', items.filter('.item').size(), 3);
  equal('filter by a function', items.filter((i) => i > 1).size(), 2);
  equal('not', items.not('.item').text(), 'four');
  equal('is', [items.first().is('.first'), items.first().is('.last')], [true, false]);
  equal('has', items.has('b').text(), 'three');
  equal('slice', items.slice(1, 3).text(), 'twothree');
  equal('add', items.first().add('table').size() >= 1, true);
}
