// api: language.destructuring
// expect: checks 5
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const {
    a,
    b: { c = 5, ...others },
    ['d' + 1]: e,
    f: [, second] = [],
  } = { a: 1, b: { x: 2, y: 3 }, d1: 4, f: [6, 7] };
  equal('objects', [a, c, others, e, second], [1, 5, { x: 2, y: 3 }, 4, 7]);
  const swap = ([x, y] = [1, 2]) => [y, x];
  equal(
    'arguments',
    [swap(), swap([3, 4])],
    [
      [2, 1],
      [4, 3],
    ],
  );
  let [p, q] = [1, 2];
  [p, q] = [q, p];
  equal('swapped', [p, q], [2, 1]);
  equal('spread', { ...{ a: 1, b: 2 }, b: 3, ...null }, { a: 1, b: 3 });
  equal('rest', ((first, ...more) => more.length)(1, 2, 3), 2);
}
