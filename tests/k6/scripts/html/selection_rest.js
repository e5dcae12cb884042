// api: html.Selection.index, html.Selection.end, html.Selection.prevUntil, html.Selection.parentsUntil
// expect: checks 7
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const doc = http.get(`${__ENV.BASE_URL}/html`).html();
  equal('index among siblings', doc.find('li.last').index(), 2);
  equal('index in a selection', doc.find('li').index(doc.find('li.last')), 2);
  equal('back again', doc.find('#list').find('li').end().attr('id'), 'list');
  equal('before, until', doc.find('li.last').prevUntil('.first').text(), 'two');
  equal('above, until', doc.find('#list b').parentsUntil('body').size(), 2);
  equal('next of a kind', doc.find('h1').next('ul').attr('id'), 'list');
  equal(
    'the texts of each',
    doc.find('td').map((i, cell) => cell.text()),
    ['apple', '0.5', 'bread', '3'],
  );
}
