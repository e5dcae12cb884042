// api: execution.scenario.name
// expect: checks 2
import exec from 'k6/execution';
import { equal, throws } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export function setup() {
  throws('there is none in setup', () => exec.scenario.name, 'not supported');
}

export default function () {
  equal('later there is', exec.scenario.name, 'default');
}
