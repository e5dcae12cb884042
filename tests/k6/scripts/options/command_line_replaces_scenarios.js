// api: cli.--iterations
// args: -i 2 -u 1
// expect: checks 2
import exec from 'k6/execution';
import { check } from 'k6';

export const options = {
  scenarios: { long: { executor: 'constant-vus', vus: 3, duration: '10s' } },
  thresholds: { checks: ['rate==1'] },
};

export default function () {
  check(null, { 'its name': () => exec.scenario.name === 'default' });
}
