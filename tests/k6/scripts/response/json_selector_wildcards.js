// api: Response.json
// expect: checks 7
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get(`${__ENV.BASE_URL}/json`);
  const cases = [
    ['sh*.name', 'Corner'],
    ['shop.own?r.first', 'Ada'],
    ['shop.a\\.dotted', 'key'],
    ['shop.items|0|name', 'apple'],
    ['numbers|#', 3],
    ['shop.owner.{first,last}', { first: 'Ada', last: 'Byron' }],
    ['[shop.name,numbers.0]', ['Corner', 10]],
  ];
  for (const [selector, expected] of cases) {
    equal(selector, res.json(selector), expected);
  }
}
