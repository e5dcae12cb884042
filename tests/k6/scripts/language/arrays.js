// api: language.arrays
// expect: checks 10
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('flat', [1, [2, [3, [4]]]].flat(2), [1, 2, 3, [4]]);
  equal(
    'flatMap',
    [1, 2].flatMap((n) => [n, n * 10]),
    [1, 10, 2, 20],
  );
  equal('at', [1, 2, 3].at(-1), 3);
  equal(
    'findLast',
    [1, 2, 3, 4].findLast((n) => n % 2),
    3,
  );
  equal('fill', Array(3).fill(0), [0, 0, 0]);
  equal('keys', [...Array(3).keys()], [0, 1, 2]);
  equal(
    'stable sort',
    [
      [2, 'a'],
      [1, 'b'],
      [2, 'c'],
      [1, 'd'],
    ]
      .sort((x, y) => x[0] - y[0])
      .map((p) => p[1])
      .join(''),
    'bdac',
  );
  equal('entries', Object.entries({ a: 1, b: 2 }), [
    ['a', 1],
    ['b', 2],
  ]);
  equal('copyWithin', [1, 2, 3, 4].copyWithin(0, 2), [3, 4, 3, 4]);
  equal(
    'without changing',
    [[3, 1].toSorted(), [1, 2].toReversed(), [1, 2].with(0, 9)],
    [
      [1, 3],
      [2, 1],
      [9, 2],
    ],
  );
}
