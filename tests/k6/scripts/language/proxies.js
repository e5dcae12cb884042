// api: language.Proxy
// expect: checks 4
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const counted = new Proxy({}, { get: (target, name) => (name in target ? target[name] : 0) });
  counted.a += 1;
  counted.a += 1;
  equal('proxy', [counted.a, counted.b], [2, 0]);
  equal('reflect', Reflect.ownKeys({ x: 1, [Symbol.iterator]: 2 }).length, 2);
  const frozen = Object.freeze({ a: 1 });
  let thrown = false;
  try {
    frozen.a = 2;
  } catch {
    thrown = true;
  }
  equal('modules are strict', [thrown, frozen.a], [true, 1]);
  equal('accessors', Object.defineProperty({}, 'x', { get: () => 4 }).x, 4);
}
