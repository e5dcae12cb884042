// api: executors.ramping-vus
// expect: checks 2
// expect: metric iterations count == 2
import { check, sleep } from 'k6';

export const options = {
  scenarios: {
    s: {
      executor: 'ramping-vus',
      startVUs: 4,
      gracefulRampDown: '0s',
      gracefulStop: '2s',
      stages: [
        { duration: '300ms', target: 4 },
        { duration: '0s', target: 2 },
        { duration: '200ms', target: 2 },
      ],
    },
  },
  thresholds: { checks: ['rate==1'] },
};

export default function () {
  sleep(0.8);
  check(1, { 'two may finish': true });
}
