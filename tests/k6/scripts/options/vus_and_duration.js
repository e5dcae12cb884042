// api: options.vus, options.duration
// expect: check "constant" 2 of 2
// expect: checks 2
import exec from 'k6/execution';
import { check, sleep } from 'k6';

export const options = { vus: 2, duration: '1s', thresholds: { checks: ['rate==1'], iterations: ['count==2'] } };

export default function () {
  check(null, { constant: () => exec.scenario.executor === 'constant-vus' });
  sleep(1.1);
}
