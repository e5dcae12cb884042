// api: html.Element.nodeName, html.Element.getAttribute, html.Element.textContent
// api: html.Element.id, html.Element.hasAttribute, html.Element.innerHTML, html.Element.firstChild
// api: html.Element.nodeValue, html.Element.childElementCount, html.Element.parentElement
// api: html.Element.nextElementSibling, html.Element.pathname, html.Element.search, html.Element.target
// expect: checks 11
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const doc = http.get(`${__ENV.BASE_URL}/html`).html();
  const title = doc.find('#title').get(0);
  equal('name', title.nodeName(), 'h1');
  equal('id', title.id(), 'title');
  equal('attribute', title.getAttribute('data-kind'), 'heading');
  equal('there', [title.hasAttribute('class'), title.hasAttribute('href')], [true, false]);
  equal('text', title.textContent(), 'Welcome to the shop');
  equal('inner HTML', title.innerHTML(), 'Welcome <em>to</em> the shop');
  equal('first child', title.firstChild().nodeValue(), 'Welcome ');
  equal('children', title.childElementCount(), 1);
  equal('parent', title.parentElement().nodeName(), 'body');
  equal('next', title.nextElementSibling().id(), 'list');
  const link = doc.find('#first-link').get(0);
  equal('path of a link', [link.pathname(), link.search(), link.target()], ['/get', '?from=link', '_self']);
}
