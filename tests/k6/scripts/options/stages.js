// api: options.stages
// expect: checks 2
import exec from 'k6/execution';
import { check, sleep } from 'k6';

export const options = {
  stages: [
    { duration: '0s', target: 2 },
    { duration: '400ms', target: 2 },
  ],
  thresholds: { checks: ['rate==1'], iterations: ['count==2'] },
};

export default function () {
  check(null, { ramping: () => exec.scenario.executor === 'ramping-vus' });
  sleep(0.6);
}
