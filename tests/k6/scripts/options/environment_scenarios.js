// api: cli.K6_DURATION, cli.K6_STAGES
// env: K6_VUS=2
// env: K6_DURATION=1s
// expect: checks 2
import exec from 'k6/execution';
import { check, sleep } from 'k6';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  check(null, { constant: () => exec.scenario.executor === 'constant-vus' });
  sleep(1.1);
}
