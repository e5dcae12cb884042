// api: execution.test.abort
// expect: checks 0
// expect: exit aborted
// expect: output contains "closed today"
// expect: metric iterations absent
import exec from 'k6/execution';

export function setup() {
  exec.test.abort('closed today');
}

export default function () {}
