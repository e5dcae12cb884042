// api: execution.scenario.progress
// expect: checks some
import exec from 'k6/execution';
import { check, sleep } from 'k6';

export const options = {
  scenarios: { s: { executor: 'constant-vus', vus: 1, duration: '1s' } },
  thresholds: { checks: ['rate==1'] },
};

let last = -1;

export default function () {
  const { progress } = exec.scenario;
  check(progress, { 'from 0 to 1, rising': (p) => p > last && p >= 0 && p <= 1 });
  last = progress;
  sleep(0.2);
}
