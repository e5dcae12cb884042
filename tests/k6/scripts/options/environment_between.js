// api: cli.K6_ITERATIONS
// env: K6_ITERATIONS=5
// args: --iterations 3
// expect: checks 3
import { check } from 'k6';

export const options = { iterations: 7, thresholds: { checks: ['rate==1'] } };

export default function () {
  check(null, { yes: true });
}
