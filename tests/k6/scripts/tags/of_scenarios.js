// api: options.scenarios
// expect: checks 2
import { check } from 'k6';

export const options = {
  scenarios: {
    a: { executor: 'shared-iterations', tags: { kind: 'first' } },
    b: { executor: 'shared-iterations', tags: { kind: 'second' } },
  },
  thresholds: {
    'checks{kind:first}': ['rate==1'],
    'checks{kind:second}': ['rate==1'],
    'checks{scenario:a}': ['rate==1'],
    'iterations{scenario:b,kind:second}': ['count==1'],
  },
};

export default function () {
  check(1, { yes: true });
}
