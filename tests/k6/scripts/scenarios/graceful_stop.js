// api: executors.gracefulStop
// expect: checks 1
// expect: metric cut absent
import { check, sleep } from 'k6';
import { Counter } from 'k6/metrics';

export const options = {
  scenarios: {
    short: { executor: 'constant-vus', vus: 1, duration: '1s', gracefulStop: '100ms', exec: 'long' },
    enough: { executor: 'constant-vus', vus: 1, duration: '1s', gracefulStop: '5s', exec: 'finishes' },
  },
  thresholds: { checks: ['rate==1'], iterations: ['count==1'] },
};

const cut = new Counter('cut');

export function long() {
  sleep(2);
  cut.add(1);
}

export function finishes() {
  sleep(1.3);
  check(1, { 'may finish': true });
}
