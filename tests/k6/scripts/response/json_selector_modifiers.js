// api: Response.json
// expect: checks 4
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get(`${__ENV.BASE_URL}/json`);
  equal('@reverse', res.json('numbers.@reverse'), [30, 20, 10]);
  equal('@keys', res.json('shop.owner.@keys'), ['first', 'last']);
  equal('@values', res.json('shop.owner.@values'), ['Ada', 'Byron']);
  equal('@flatten', res.json('shop.items.#.tags|@flatten'), ['fruit', 'red', 'bakery', 'fruit', 'red', 'small']);
}
