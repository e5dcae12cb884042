// api: executors.per-vu-iterations
// expect: checks 6
// expect: metric iterations count == 6
import { check } from 'k6';

export const options = {
  scenarios: { s: { executor: 'per-vu-iterations', vus: 3, iterations: 2 } },
  thresholds: { checks: ['rate==1'] },
};

let ran = 0;

export default function () {
  check(null, { 'two of each': () => __ITER === ran && ran < 2 });
  ran += 1;
}
