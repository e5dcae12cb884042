// api: console.log
// k6-differs: what is longer than 64 kB, or deeper than 32 objects, is cut
// expect: checks 1
// expect: stderr contains "begins"
// expect-loadgate: stderr lacks "ends"
// expect-loadgate: stderr contains "[Object]"
// expect-k6: stderr contains "ends"
// expect-k6: stderr lacks "[Object]"
import { check } from 'k6';

export default function () {
  console.log(`begins ${'x'.repeat(100000)} ends`);
  let deep = {};
  for (let n = 0; n < 50; n += 1) {
    deep = { deep };
  }
  console.log(deep);
  check(1, { yes: true });
}
