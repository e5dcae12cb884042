// api: thresholds.checks
// expect: checks 1 of 2
// expect: exit thresholds
import { check } from 'k6';

export const options = { thresholds: { checks: ['rate>0.9'] } };

export default function () {
  check(1, { good: true, bad: false });
}
