// api: html.Selection.find
// expect: checks 18
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const doc = http.get(`${__ENV.BASE_URL}/html`).html();
  const counts = {
    '*[data-kind]': 1,
    'li.item': 3,
    '#list > li:first-child': 1,
    'li:not(.item)': 1,
    'input[type=text]': 2,
    'ul li b': 1,
    'a[href^="/get"]': 1,
    'a[href$=relative]': 1,
    'a[href*=thing]': 1,
    'li:nth-child(2)': 1,
    'h1, p': 3,
    'h1 + ul': 1,
    'form ~ table': 1,
    'tr:last-child td': 2,
    'p:contains("entity")': 1,
    'p:empty': 1,
    'ul:has(b)': 1,
    'input[type="radio"][checked]': 1,
  };
  for (const [selector, count] of Object.entries(counts)) {
    equal(selector, doc.find(selector).size(), count);
  }
}
