// api: cli.--duration
// args: --duration 1s --vus 2
// expect: checks 2
import { check, sleep } from 'k6';

export const options = { iterations: 10, thresholds: { checks: ['rate==1'] } };

export default function () {
  check(null, { yes: true });
  sleep(1.1);
}
