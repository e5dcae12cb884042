// api: thresholds.string
// expect: checks 1
// expect: exit thresholds
// expect: output contains "items"
import { check } from 'k6';
import { Counter } from 'k6/metrics';

export const options = { thresholds: { items: ['count<3'] } };

const c = new Counter('items');

export default function () {
  c.add(3);
  check(1, { yes: true });
}
