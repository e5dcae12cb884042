// api: execution.scenario.iterationInTest
// expect: checks 12
import exec from 'k6/execution';
import { check, sleep } from 'k6';
import { Counter } from 'k6/metrics';

export const options = {
  scenarios: { s: { executor: 'shared-iterations', vus: 4, iterations: 12 } },
  // 0 + 1 + … + 11: each number once.
  thresholds: { checks: ['rate==1'], sum: ['count==66'], squares: ['count==506'] },
};

const [sum, squares] = [new Counter('sum'), new Counter('squares')];

export default function () {
  const i = exec.scenario.iterationInTest;
  sum.add(i);
  squares.add(i * i);
  sleep(0.01);
  check(i, { 'in range': (n) => n >= 0 && n < 12 });
}
