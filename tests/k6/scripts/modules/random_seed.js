// api: k6.randomSeed
// expect: checks 3
import { randomSeed } from 'k6';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  randomSeed(42);
  const first = [Math.random(), Math.random()];
  randomSeed(42);
  equal('the same again', [Math.random(), Math.random()], first);
  randomSeed(43);
  equal('another', Math.random() === first[0], false);
  equal(
    'from 0 to 1',
    first.every((n) => n >= 0 && n < 1),
    true,
  );
}
