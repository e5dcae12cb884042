// api: html.Selection.attr, html.Selection.data, html.Selection.val
// expect: checks 13
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const doc = http.get(`${__ENV.BASE_URL}/html`).html();
  const title = doc.find('#title');
  equal('attribute', title.attr('id'), 'title');
  equal('missing', title.attr('href'), undefined);
  equal('by default', title.attr('href', '/none'), '/none');
  equal('class', [title.is('.bold'), title.is('.small')], [true, false]);
  equal('data: a text', title.data('kind'), 'heading');
  equal('data: a number', title.data('level'), 1);
  equal('data: an object', title.data('config'), { a: [1, 2] });
  equal('data: a truth', title.data('on'), true);
  equal('value of an input', doc.find('#order input[name=name]').val(), 'Ada');
  equal('of a text area', doc.find('textarea').val(), 'Ring twice');
  equal('of a select', doc.find('select[name=colour]').val(), 'g');
  equal('of several', doc.find('select[name=extras]').val(), ['ribbon', 'box']);
  equal('of the content', doc.find('meta[name=description]').attr('content'), 'Fruit & bread');
}
