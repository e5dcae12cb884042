// api: executors.ramping-vus
// expect: checks 4
import { check, sleep } from 'k6';

export const options = {
  scenarios: {
    s: {
      executor: 'ramping-vus',
      startVUs: 1,
      gracefulRampDown: '2s',
      stages: [
        { duration: '300ms', target: 1 },
        { duration: '0s', target: 4 },
        { duration: '300ms', target: 4 },
      ],
    },
  },
  thresholds: { checks: ['rate==1'], iterations: ['count==4'] },
};

export default function () {
  sleep(0.7);
  check(1, { yes: true });
}
