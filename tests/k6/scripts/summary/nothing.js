// api: summary.handleSummary
// expect: checks 1
import { check } from 'k6';

export default function () {
  check(1, { yes: true });
}

export function handleSummary() {}
