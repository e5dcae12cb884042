// api: k6.group
// expect: checks 4
import { group } from 'k6';
import { equal, throws } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal(
    'what the function returns',
    group('a', () => 42),
    42,
  );
  equal(
    'nothing',
    group('b', () => {}),
    undefined,
  );
  equal(
    'an object',
    group('c', () => ({ x: [1] })),
    { x: [1] },
  );
  throws(
    'what it throws',
    () =>
      group('d', () => {
        throw new Error('from within');
      }),
    'from within',
  );
}
