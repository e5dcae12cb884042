// api: cli.K6_VUS, cli.K6_ITERATIONS
// env: K6_ITERATIONS=4
// env: K6_VUS=2
// expect: checks 4
// expect: metric iterations count == 4
import { check } from 'k6';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  check(__VU, { 'two of them': (vu) => vu === 1 || vu === 2 });
}
