// api: options.scenarios
// expect: checks 2
import { check } from 'k6';
import exec from 'k6/execution';

export const options = {
  scenarios: {
    first: { executor: 'shared-iterations' },
    second: { executor: 'shared-iterations', startTime: '300ms', exec: 'late' },
  },
  thresholds: { checks: ['rate==1'] },
};

export default function () {
  check(null, { 'at once': () => exec.instance.currentTestRunDuration < 250 });
}

export function late() {
  check(null, { 'at its time': () => exec.instance.currentTestRunDuration >= 299 });
}
