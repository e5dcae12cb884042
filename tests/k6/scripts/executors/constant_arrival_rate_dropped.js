// api: executors.constant-arrival-rate
// k6-differs: verdict: arrivals that the target can't keep up with fail the run
// expect: checks 1
// expect: metric dropped_iterations count >= 8
// expect-loadgate: exit thresholds
// expect-k6: exit pass
import { check, sleep } from 'k6';

export const options = {
  scenarios: { s: { executor: 'constant-arrival-rate', rate: 10, duration: '1s', preAllocatedVUs: 1 } },
  thresholds: { checks: ['rate==1'], dropped_iterations: ['count>=8', 'count<=10'] },
};

export default function () {
  sleep(1.2);
  check(1, { yes: true });
}
