// api: thresholds.string
// expect: checks 1
// expect: exit thresholds
// expect: output contains "c"
import { check } from 'k6';
import { Counter } from 'k6/metrics';

export const options = { thresholds: { c: ['count<3'] } };

const c = new Counter('c');

export default function () {
  c.add(3);
  check(1, { yes: true });
}
