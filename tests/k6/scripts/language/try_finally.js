// api: language.errors
// expect: checks 4
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

const order = (fail) => {
  const seen = [];
  try {
    seen.push('try');
    if (fail) {
      null.x;
    }
  } catch (error) {
    seen.push(error.constructor.name);
  } finally {
    seen.push('finally');
  }
  return seen;
};

export default function () {
  equal('fine', order(false), ['try', 'finally']);
  equal('failed', order(true), ['try', 'TypeError', 'finally']);
  equal(
    'finally wins',
    (() => {
      try {
        return 1;
      } finally {
        return 2;
      }
    })(),
    2,
  );
  equal(
    'kinds',
    [() => nowhere, () => JSON.parse('{'), () => Array(-1), () => decodeURIComponent('%')].map((f) => {
      try {
        return f();
      } catch (error) {
        return error.name;
      }
    }),
    ['ReferenceError', 'SyntaxError', 'RangeError', 'URIError'],
  );
}
