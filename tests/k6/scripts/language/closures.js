// api: language.functions
// expect: checks 5
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const makers = [];
  for (let i = 0; i < 3; i++) {
    makers.push(() => i);
  }
  equal(
    'a variable for each turn',
    makers.map((f) => f()),
    [0, 1, 2],
  );
  const add = (a, b = a, ...rest) => a + b + rest.length;
  equal('defaults', [add(1), add(1, 2), add(1, 2, 3, 4)], [2, 3, 5]);
  equal(
    'bound',
    function () {
      return this.x;
    }.bind({ x: 5 })(),
    5,
  );
  equal('hoisted', hoisted(), 'yes');
  function hoisted() {
    return 'yes';
  }
  const deep = (n) => (n === 0 ? 0 : 1 + deep(n - 1));
  equal('deep', deep(1500), 1500);
}
