// api: options.scenarios
// expect: checks 9
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
  equal('one VU for both', exec.vu.idInTest, 1);
  equal('its own count', exec.vu.iterationInScenario, exec.scenario.name === 'first' ? ran - 1 : 0);
  equal('the count of all', exec.vu.iterationInInstance, ran - 1);
}
