// api: executors.constant-arrival-rate
// expect: checks 1
// expect: metric dropped_iterations count >= 8
// expect: exit thresholds
import { check, sleep } from 'k6';

export const options = {
  scenarios: { s: { executor: 'constant-arrival-rate', rate: 10, duration: '1s', preAllocatedVUs: 1 } },
  thresholds: { checks: ['rate==1'], dropped_iterations: ['count<8'] },
};

export default function () {
  sleep(1.2);
  check(1, { yes: true });
}
