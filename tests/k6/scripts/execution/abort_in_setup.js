// api: execution.test.abort
// k6-differs: verdict: a script that aborts the run in `setup` ends it with an error
// expect: checks 0
// expect-loadgate: exit setup
// expect-k6: exit aborted
// expect: output contains "closed today"
// expect: metric iterations absent
import exec from 'k6/execution';

export function setup() {
  exec.test.abort('closed today');
}

export default function () {}
