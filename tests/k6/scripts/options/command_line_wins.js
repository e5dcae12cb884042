// api: cli.--vus, cli.--iterations
// args: --vus 1 --iterations 3
// expect: checks 3
// expect: metric iterations count == 3
import { check } from 'k6';

export const options = { vus: 5, iterations: 10, thresholds: { checks: ['rate==1'] } };

export default function () {
  check(null, { first: () => __VU === 1 });
}
