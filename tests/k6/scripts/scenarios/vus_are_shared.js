// api: options.scenarios
// k6-differs: every scenario has virtual users of its own
// expect: checks 6
// expect-loadgate: stderr contains "second: VU 2"
// expect-k6: stderr contains "second: VU 1"
import exec from 'k6/execution';
import { equal } from '../../lib/equal.js';

export const options = {
  scenarios: {
    first: { executor: 'per-vu-iterations', vus: 1, iterations: 2, gracefulStop: '0s', maxDuration: '1s' },
    second: { executor: 'per-vu-iterations', vus: 1, iterations: 1, startTime: '1.1s' },
  },
  thresholds: { checks: ['rate==1'] },
};

let ran = 0;

export default function () {
  ran += 1;
  console.log(`${exec.scenario.name}: VU ${exec.vu.idInTest}`);
  equal('its own count', exec.vu.iterationInScenario, exec.scenario.name === 'first' ? ran - 1 : 0);
  equal('the count of all', exec.vu.iterationInInstance, ran - 1);
}
