// api: options.scenarios
// expect: checks 1
import { check } from 'k6';

export const options = {
  scenarios: { s: { executor: 'shared-iterations', exec: 'named' } },
  thresholds: { checks: ['rate==1'] },
};

export const named = () => check(1, { 'an arrow function': true });
