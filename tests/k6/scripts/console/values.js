// api: console.log
// expect: checks 1
// expect: stderr contains "several 1 true null undefined"
// expect: stderr contains "{ a: [ 1, \"x\" ], b: { c: null } }"
// expect: stderr contains "[ 1, 2, 3 ]"
// expect: stderr contains "number: 4.5"
import { check } from 'k6';

export default function () {
  console.log('several', 1, true, null, undefined);
  console.log({ a: [1, 'x'], b: { c: null } });
  console.log([1, 2, 3]);
  console.log('number:', 4.5);
  console.log();
  check(1, { yes: true });
}
