// api: language.collections
// expect: checks 7
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const map = new Map([
    ['a', 1],
    [NaN, 2],
  ]);
  map.set('b', 3);
  equal('map', [map.size, map.get(NaN), [...map.keys()].length], [3, 2, 3]);
  const set = new Set([1, 1, 2]);
  equal('set', [set.size, set.has(2), [...set]], [2, true, [1, 2]]);
  const weak = new WeakMap();
  const key = {};
  weak.set(key, 5);
  equal('weak map', [weak.get(key), weak.has({})], [5, false]);
  equal('from entries', Object.fromEntries(map.set('c', 4).entries()).c, 4);
  const typed = Float64Array.from([1.5, 2.5]);
  equal(
    'typed array',
    typed.reduce((a, b) => a + b),
    4,
  );
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, 258);
  equal('data view', [view.getUint8(0), view.getUint8(1)], [1, 2]);
  equal('symbol', [Symbol.for('x') === Symbol.for('x'), Symbol('d').description], [true, 'd']);
}
