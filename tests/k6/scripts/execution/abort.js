// api: execution.test.abort
// expect: checks 1
// expect: exit aborted
// expect: output contains "sold out"
import exec from 'k6/execution';
import { sleep } from 'k6';
import { equal } from '../../lib/equal.js';

export const options = { iterations: 50, thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('before', __ITER, 0);
  exec.test.abort('sold out');
  equal('never', 1, 2);
}

export function teardown() {
  console.log('torn down');
}
