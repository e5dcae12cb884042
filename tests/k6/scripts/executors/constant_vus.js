// api: executors.constant-vus
// expect: checks 4
import { check, sleep } from 'k6';

export const options = {
  scenarios: { s: { executor: 'constant-vus', vus: 2, duration: '1s' } },
  thresholds: { checks: ['rate==1'], iterations: ['count==4'] },
};

export default function () {
  sleep(0.7);
  check(1, { yes: true });
}
