// api: executors.maxDuration
// expect: checks 1
// expect: metric dropped_iterations count == 2
import { check, sleep } from 'k6';

export const options = {
  scenarios: { s: { executor: 'per-vu-iterations', iterations: 3, maxDuration: '1s' } },
  thresholds: { checks: ['rate==1'] },
};

export default function () {
  sleep(1.2);
  check(1, { 'one in its time': true });
}
