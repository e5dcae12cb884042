// api: summary.handleSummary
// expect: checks 1
// k6-differs: verdict: a summary that the script can't make ends the run with an error
// expect-loadgate: exit summary
// expect-k6: exit pass
// expect: output contains "no paper"
import { check } from 'k6';

export default function () {
  check(1, { yes: true });
}

export function handleSummary() {
  throw new Error('no paper');
}
