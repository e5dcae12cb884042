// api: Response.json
// expect: checks 19
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get(`${__ENV.BASE_URL}/json`);
  const cases = [
    ['shop.name', 'Corner'],
    ['shop.open', true],
    ['shop.closed', null],
    ['shop.rating', 4.5],
    ['shop.founded', 1987],
    ['shop.owner', { first: 'Ada', last: 'Byron' }],
    ['shop.greeting', 'Grüße 🌍'],
    ['numbers', [10, 20, 30]],
    ['numbers.1', 20],
    ['numbers.#', 3],
    ['numbers.3', undefined],
    ['shop.items.0.name', 'apple'],
    ['shop.items.#', 4],
    ['shop.items.#.name', ['apple', 'bread', 'cherry', 'dill']],
    ['shop.items.#.tags.0', ['fruit', 'bakery', 'fruit']],
    ['shop.items.2.tags.#', 3],
    ['empty', {}],
    ['shop.missing', undefined],
    ['missing.deeper', undefined],
  ];
  for (const [selector, expected] of cases) {
    equal(selector, res.json(selector), expected);
  }
}
