// api: k6.check
// expect: checks 3 of 5
// expect: check "yes" 2 of 2
// expect: check "no" 0 of 2
// expect: check "told so" 1 of 1
// expect: metric checks rate == 0.6
// expect: exit pass
// expect: metric returned rate == 1
import { check } from 'k6';
import { Rate } from 'k6/metrics';

export const options = { thresholds: { checks: ['rate>0.5'], returned: ['rate==1'] } };

const returned = new Rate('returned');

export default function () {
  returned.add(check(1, { yes: (v) => v === 1 }) === true);
  returned.add(check(1, { yes: (v) => v === 1, no: (v) => v === 2 }) === false);
  returned.add(check(1, { no: () => false }) === false);
  returned.add(check(1, {}) === true);
  returned.add(check(null, { 'told so': (v) => v === null }) === true);
}
