// api: executors.ramping-arrival-rate
// expect: checks some
import exec from 'k6/execution';
import { check } from 'k6';

// 0 to 40 in the first half second: 10; 40 in the second: 20.
export const options = {
  scenarios: {
    s: {
      executor: 'ramping-arrival-rate',
      startRate: 0,
      timeUnit: '1s',
      preAllocatedVUs: 5,
      stages: [
        { duration: '500ms', target: 40 },
        { duration: '500ms', target: 40 },
      ],
    },
  },
  thresholds: { checks: ['rate==1'], iterations: ['count>=29', 'count<=31'] },
};

export default function () {
  const { iterationInTest } = exec.scenario;
  const due = iterationInTest < 10 ? Math.sqrt((iterationInTest + 1) / 40) * 1000 : 500 + (iterationInTest - 9) * 25;
  check(null, { 'at its time': () => exec.instance.currentTestRunDuration >= due - 35 });
}
