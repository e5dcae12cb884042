// api: k6.group
// expect: checks 1
// expect: metric group_duration min >= 30
// expect: metric group_duration max < 1500
import { group, sleep } from 'k6';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'], group_duration: ['min>=30'] } };

export default function () {
  group('slow', () => sleep(0.035));
  group('slower', () => group('inner', () => sleep(0.045)));
  equal('both', 1, 1);
}
