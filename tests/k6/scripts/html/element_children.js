// api: html.Element.querySelectorAll, html.Element.firstElementChild, html.Element.lastElementChild
// api: html.Element.getElementsByClassName, html.Element.getElementsByTagName, html.Element.classList
// api: html.Element.className, html.Element.contains, html.Element.matches
// api: html.Element.querySelector, html.Element.children
// expect: checks 10
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const list = http.get(`${__ENV.BASE_URL}/html`).html('#list').get(0);
  equal(
    'children',
    list.children().map((child) => child.textContent()),
    ['one', 'two', 'three', 'four'],
  );
  equal(
    'first and last',
    [list.firstElementChild().textContent(), list.lastElementChild().textContent()],
    ['one', 'four'],
  );
  equal('query', list.querySelector('.last').textContent(), 'three');
  equal('query all', list.querySelectorAll('.item').length, 3);
  equal('by class', list.getElementsByClassName('first').length, 1);
  equal('by tag', list.getElementsByTagName('b').length, 1);
  equal('classes', list.firstElementChild().classList(), ['item', 'first']);
  equal('class', list.firstElementChild().className(), 'item first');
  equal('contains', list.contains(list.querySelector('b')), true);
  equal('matches', list.matches('ul'), true);
}
