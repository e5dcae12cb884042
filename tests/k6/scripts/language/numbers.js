// api: language.numbers
// expect: checks 7
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('fixed', [(1.005).toFixed(1), (1234.5678).toFixed(2), (0).toFixed(2)], ['1.0', '1234.57', '0.00']);
  equal(
    'precision',
    [(123.456).toPrecision(4), (0.00001).toString(), (1e21).toString()],
    ['123.5', '0.00001', '1e+21'],
  );
  equal('bases', [(255).toString(16), parseInt('z', 36), Number('0x1f')], ['ff', 35, 31]);
  equal('tests', [Number.isInteger(5.0), Number.isSafeInteger(2 ** 53), isNaN('x')], [true, false, true]);
  const maths = [Math.trunc(-1.5), Math.sign(-3), Math.hypot(3, 4), Math.clz32(1), Math.cbrt(27)];
  equal(
    'maths',
    maths.every((found, index) => Math.abs(found - [-1, -1, 5, 31, 3][index]) < 1e-12),
    true,
  );
  equal(
    'random',
    Array.from({ length: 50 }, Math.random).every((n) => n >= 0 && n < 1),
    true,
  );
  equal('infinities', [1 / 0, -1 / 0, Object.is(-0, 0)], [Infinity, -Infinity, false]);
}
