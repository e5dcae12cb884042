// api: globals.setTimeout
// k6-differs: verdict: an exception fails the run
// expect: checks 1
// expect: output contains "from a timer"
// expect: metric iterations count == 2
// expect-loadgate: exit thresholds
// expect-k6: exit pass
import { check } from 'k6';

export const options = { iterations: 2 };

export default function () {
  if (__ITER === 1) {
    check(1, { 'the next iteration runs': true });
    return;
  }
  setTimeout(() => {
    throw new Error('from a timer');
  }, 5);
}
