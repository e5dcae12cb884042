// api: html.parseHTML
// expect: checks 10
import { parseHTML } from 'k6/html';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('nothing', parseHTML('').find('p').size(), 0);
  equal('text alone', parseHTML('just text').text(), 'just text');
  equal('not closed', parseHTML('<div><p>a<p>b').find('p').size(), 2);
  equal('badly nested', parseHTML('<b><i>x</b>y</i>').find('i').text(), 'xy');
  equal('capitals', parseHTML('<DIV CLASS="A">x</DIV>').find('div.A').text(), 'x');
  equal('a script is no markup', parseHTML('<script>"<p>"</script><p>x</p>').find('p').size(), 1);
  equal('entities', parseHTML('<p>&copy; &#65; &#x42; &nope;</p>').find('p').text(), '© A B &nope;');
  equal('no quotes', parseHTML('<a href=/x?a=1&b=2>x</a>').find('a').attr('href'), '/x?a=1&b=2');
  equal('a table without a body', parseHTML('<table><tr><td>1</table>').find('table > tbody > tr > td').text(), '1');
  equal('letters', parseHTML('<p>Grüße 🌍</p>').find('p').text(), 'Grüße 🌍');
}
