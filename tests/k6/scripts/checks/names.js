// api: k6.check
// expect: checks 4
// expect: check "with ☃ and \"quotes\"" 1
// expect: check "a, {b} = c: d" 1
import { check } from 'k6';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  check(1, { 'with ☃ and "quotes"': true, 'a, {b} = c: d': true, ' spaces ': true, 5: true });
}
