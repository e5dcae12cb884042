// api: execution.test.abort
// expect: checks 0
// expect: exit aborted
// expect: output contains "test aborted"
// expect: output contains "torn down"
import exec from 'k6/execution';

export default function () {
  exec.test.abort();
}

export function teardown() {
  console.log('torn down');
}
