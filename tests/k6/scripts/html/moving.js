// api: html.Selection.children, html.Selection.parent, html.Selection.closest, html.Selection.next
// api: html.Selection.prev, html.Selection.siblings
// api: html.Selection.parents, html.Selection.nextAll, html.Selection.nextUntil, html.Selection.prevAll
// api: html.Selection.contents
// expect: checks 12
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const doc = http.get(`${__ENV.BASE_URL}/html`).html();
  const first = doc.find('li.first');
  equal('children', doc.find('#list').children().size(), 4);
  equal('chosen children', doc.find('#list').children('.last').text(), 'three');
  equal('parent', first.parent().attr('id'), 'list');
  equal('parents', doc.find('b').parents('ul').attr('id'), 'list');
  equal('closest', doc.find('b').closest('ul').attr('id'), 'list');
  equal('next', first.next().text(), 'two');
  equal('all that follow', first.nextAll().size(), 3);
  equal('until', first.nextUntil('.last').size(), 1);
  equal('previous', doc.find('li.last').prev().text(), 'two');
  equal('all before', doc.find('li.last').prevAll().size(), 2);
  equal('siblings', first.siblings().size(), 3);
  equal('contents', doc.find('#title').contents().size(), 3);
}
