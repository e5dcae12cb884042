// api: summary.jslib k6-summary
// k6-skip: it would ask the network for the module
// expect: checks 1
// expect: stdout contains "yes"
import { check } from 'k6';
import { textSummary } from 'https://jslib.k6.io/k6-summary/0.1.0/index.js';

export default function () {
  check(1, { yes: true });
}

export function handleSummary(data) {
  return { stdout: textSummary(data, { indent: ' ', enableColors: false }) };
}
