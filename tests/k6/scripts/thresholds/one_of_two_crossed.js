// api: thresholds.string
// expect: checks 1
// expect: exit thresholds
import { check } from 'k6';
import { Trend } from 'k6/metrics';

export const options = { thresholds: { wait: ['max<10', 'min>5'] } };

const t = new Trend('wait');

export default function () {
  [1, 9].forEach((n) => t.add(n));
  check(1, { yes: true });
}
