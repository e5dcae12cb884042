// api: executors.constant-vus
// expect: checks 4
import { check, sleep } from 'k6';

export const options = {
  scenarios: { s: { executor: 'constant-vus', vus: 2, duration: '500ms' } },
  thresholds: { checks: ['rate==1'], iterations: ['count==4'], vus_max: ['value==2'] },
};

export default function () {
  sleep(0.35);
  check(1, { yes: true });
}
