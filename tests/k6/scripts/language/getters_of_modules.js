// api: language.objects
// expect: checks 7
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const name = 'size';
  const box = {
    [name]: 2,
    get double() {
      return this.size * 2;
    },
    set double(v) {
      this.size = v / 2;
    },
    ['say' + 1]() {
      return 'hi';
    },
  };
  box.double = 10;
  equal('computed, getter, setter, method', [box.size, box.double, box.say1()], [5, 10, 'hi']);
  equal('instanceof by a symbol', 5 instanceof { [Symbol.hasInstance]: (n) => n === 5 }, true);
  equal('to a primitive', `${{ [Symbol.toPrimitive]: (hint) => hint }}`, 'string');
  equal('deep copy by JSON', JSON.parse(JSON.stringify({ a: [{ b: 1 }] })), { a: [{ b: 1 }] });
  equal(
    'switch',
    ((v) => {
      switch (v) {
        case 1:
          return 'one';
        default:
          return 'more';
      }
    })(2),
    'more',
  );
  equal('comma, void, typeof', [(1, 2), void 0, typeof nowhere], [2, undefined, 'undefined']);
  equal(
    'in and delete',
    (() => {
      const o = { a: 1 };
      delete o.a;
      return 'a' in o;
    })(),
    false,
  );
}
