// api: k6.check
// expect: checks 3
import { check } from 'k6';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const value = { a: 1 };
  check(value, {
    'the value is the argument': (v) => v === value,
    'the only one': function () {
      return arguments.length === 1;
    },
    'a function': function (v) {
      return v.a === 1;
    },
  });
}
