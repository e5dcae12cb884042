// api: summary.handleSummary
// expect: checks 1
// expect: output contains "no paper"
import { check } from 'k6';

export default function () {
  check(1, { yes: true });
}

export function handleSummary() {
  throw new Error('no paper');
}
