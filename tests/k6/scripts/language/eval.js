// api: language.eval
// expect: checks 2
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const x = 4;
  equal('eval', eval('x * 2'), 8);
  equal('Function', new Function('a', 'b', 'return a + b')(1, 2), 3);
}
