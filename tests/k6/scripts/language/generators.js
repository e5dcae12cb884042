// api: language.generators
// expect: checks 5
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

function* count(to) {
  for (let i = 1; i <= to; i++) {
    const given = yield i;
    if (given === 'stop') {
      return 'stopped';
    }
  }
}

class Range {
  constructor(from, to) {
    Object.assign(this, { from, to });
  }

  *[Symbol.iterator]() {
    for (let i = this.from; i < this.to; i++) {
      yield i;
    }
  }
}

export default function () {
  equal('spread', [...count(3)], [1, 2, 3]);
  const numbers = count(9);
  numbers.next();
  equal('sent', numbers.next('stop'), { value: 'stopped', done: true });
  equal(
    'an iterable',
    Array.from(new Range(2, 5), (n) => n * n),
    [4, 9, 16],
  );
  equal(
    'delegated',
    [
      ...(function* () {
        yield* 'ab';
        yield* [1];
      })(),
    ],
    ['a', 'b', 1],
  );
  const [first, ...rest] = new Range(0, 4);
  equal('taken apart', [first, rest], [0, [1, 2, 3]]);
}
