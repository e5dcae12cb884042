// api: console.log
// expect: checks 1
// expect: stderr contains "Error: broken"
// expect: stderr contains "{ a: null }"
// expect: stderr contains "{ b: [ { c: { d: 1 } } ] }"
// expect: stderr contains "Uint8Array(2) [ 1, 2 ]"
// expect: stderr contains "two: 10"
// expect: stderr contains "%s is %d x 5"
import { check } from 'k6';

export default function () {
  console.log(new Error('broken'));
  console.log({ a: undefined });
  console.log({ b: [{ c: { d: 1 } }] });
  console.log(new Uint8Array([1, 2]));
  console.log('two:', 10n);
  console.log('%s is %d', 'x', 5);
  check(1, { yes: true });
}
