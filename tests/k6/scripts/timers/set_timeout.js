// api: globals.setTimeout, globals.clearTimeout
// expect: checks 3
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const started = Date.now();
  setTimeout(
    (a, b) => {
      equal('after its time', Date.now() - started >= 49, true);
      equal('arguments', [a, b], [1, 'two']);
    },
    50,
    1,
    'two',
  );
  const cancelled = setTimeout(() => equal('never', 1, 2), 10);
  clearTimeout(cancelled);
  equal('a number', typeof cancelled, 'number');
}
