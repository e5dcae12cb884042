// api: options.minIterationDuration
// expect: checks 3
import { check } from 'k6';

export const options = { iterations: 3, minIterationDuration: '150ms', thresholds: { checks: ['rate==1'] } };

let last = 0;

export default function () {
  check(null, { 'not before its time': () => Date.now() - last >= 149 });
  last = Date.now();
}
