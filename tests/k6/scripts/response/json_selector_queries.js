// api: Response.json
// expect: checks 14
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const res = http.get(`${__ENV.BASE_URL}/json`);
  const cases = [
    ['shop.items.#(id=2).name', 'bread'],
    ['shop.items.#(id==3).name', 'cherry'],
    ['shop.items.#(name="dill").id', 4],
    ['shop.items.#(price>1).name', 'bread'],
    ['shop.items.#(price>1)#.name', ['bread', 'cherry']],
    ['shop.items.#(price<=1)#.id', [1, 4]],
    ['shop.items.#(id!=1)#.id', [2, 3, 4]],
    ['shop.items.#(name%"*e*")#.name', ['apple', 'bread', 'cherry']],
    ['shop.items.#(name!%"*e*").name', 'dill'],
    ['shop.items.#(id=9).name', undefined],
    ['shop.items.#(id=9)#.name', []],
    ['numbers.#(>15)', 20],
    ['numbers.#(>15)#', [20, 30]],
    ['shop.items.#(tags.#(="small")).name', 'cherry'],
  ];
  for (const [selector, expected] of cases) {
    equal(selector, res.json(selector), expected);
  }
}
