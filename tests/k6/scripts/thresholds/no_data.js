// api: thresholds.no data
// k6-differs: a threshold on what was never measured doesn't pass
// expect: checks 1
// expect-loadgate: exit thresholds
// expect-k6: exit pass
import { check } from 'k6';
import { Trend } from 'k6/metrics';

export const options = { thresholds: { wait: ['p(95)<10'] } };

new Trend('wait');

export default function () {
  check(1, { yes: true });
}
