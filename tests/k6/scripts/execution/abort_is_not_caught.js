// api: execution.test.abort
// expect: checks 0
// expect: exit aborted
import exec from 'k6/execution';

export default function () {
  try {
    exec.test.abort('now');
  } finally {
    console.log('cleaned up');
  }
}
