// api: summary.handleSummary
// expect: checks 1
// expect: stderr contains "to the error stream"
import { check } from 'k6';

export default function () {
  check(1, { yes: true });
}

export function handleSummary() {
  return { stderr: 'to the error stream' };
}
