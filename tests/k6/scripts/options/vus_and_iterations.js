// api: options.vus, options.iterations
// expect: checks 6
// expect: metric iterations count == 6
import exec from 'k6/execution';
import { check } from 'k6';

export const options = { vus: 2, iterations: 6, thresholds: { checks: ['rate==1'] } };

export default function () {
  check(null, { shared: () => exec.scenario.executor === 'shared-iterations' });
}
