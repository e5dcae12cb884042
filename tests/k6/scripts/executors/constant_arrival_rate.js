// api: executors.constant-arrival-rate
// expect: checks some
import exec from 'k6/execution';
import { check } from 'k6';

export const options = {
  scenarios: {
    s: { executor: 'constant-arrival-rate', rate: 20, timeUnit: '1s', duration: '1s', preAllocatedVUs: 2, maxVUs: 5 },
  },
  thresholds: { checks: ['rate==1'], iterations: ['count>=20', 'count<=21'] },
};

export default function () {
  check(null, {
    'not before it is due': () => exec.instance.currentTestRunDuration >= exec.scenario.iterationInTest * 50 - 5,
  });
}
