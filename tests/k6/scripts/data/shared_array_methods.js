// api: data.SharedArray
// expect: checks 9
import { SharedArray } from 'k6/data';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

const numbers = new SharedArray('numbers', function () {
  return [3, 1, 2];
});

export default function () {
  equal(
    'map',
    numbers.map((n) => n * 2),
    [6, 2, 4],
  );
  equal(
    'filter',
    numbers.filter((n) => n > 1),
    [3, 2],
  );
  equal(
    'reduce',
    numbers.reduce((sum, n) => sum + n, 0),
    6,
  );
  equal(
    'find',
    numbers.find((n) => n < 3),
    1,
  );
  equal('includes', numbers.includes(2), true);
  equal('indexOf', numbers.indexOf(2), 2);
  equal('slice', numbers.slice(1), [1, 2]);
  equal('join', numbers.join('-'), '3-1-2');
  let sum = 0;
  numbers.forEach((n) => {
    sum += n;
  });
  equal('forEach', sum, 6);
}
