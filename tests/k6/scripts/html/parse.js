// api: html.parseHTML, html.Selection.find, html.Selection.text
// api: html.Selection.size
// expect: checks 5
import { parseHTML } from 'k6/html';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const doc = parseHTML('<ul><li>one<li class="x">two &amp; a half</ul><p>three');
  equal('text', doc.find('li.x').text(), 'two & a half');
  equal('of all', doc.find('li').text(), 'onetwo & a half');
  equal('size', doc.find('li').size(), 2);
  equal('none', [doc.find('table').size(), doc.find('table').text()], [0, '']);
  equal('a whole document', doc.find('body > p').text(), 'three');
}
