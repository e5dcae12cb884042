// api: options.scenarios
// expect: checks 6
// expect: check "reader" 4
// expect: check "writer" 2
import exec from 'k6/execution';
import { check } from 'k6';

export const options = {
  scenarios: {
    readers: { executor: 'per-vu-iterations', vus: 2, iterations: 2, exec: 'read' },
    writers: { executor: 'shared-iterations', vus: 1, iterations: 2, exec: 'write' },
  },
  thresholds: {
    checks: ['rate==1'],
    'iterations{scenario:readers}': ['count==4'],
    'iterations{scenario:writers}': ['count==2'],
  },
};

export function read() {
  check(null, { reader: () => exec.scenario.name === 'readers' });
}

export function write() {
  check(null, { writer: () => exec.scenario.name === 'writers' });
}
