// api: thresholds.no data
// expect: checks 1
import { check } from 'k6';
import { Counter } from 'k6/metrics';

// Nothing was added: 0.
export const options = { thresholds: { sold: ['count<10'] } };

new Counter('sold');

export default function () {
  check(1, { yes: true });
}
