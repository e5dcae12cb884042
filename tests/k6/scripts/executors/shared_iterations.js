// api: executors.shared-iterations
// expect: checks 10
// expect: metric iterations count == 10
import exec from 'k6/execution';
import { check, sleep } from 'k6';

export const options = {
  scenarios: { s: { executor: 'shared-iterations', vus: 3, iterations: 10 } },
  thresholds: { checks: ['rate==1'] },
};

export default function () {
  check(null, { numbered: () => exec.scenario.iterationInTest >= 0 && exec.scenario.iterationInTest < 10 });
  sleep(0.02);
}
