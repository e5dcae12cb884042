// api: summary.handleSummary
// expect: checks 0 of 1
// expect: exit thresholds
// expect: file facts.txt contains "rate==1 false"
import { check } from 'k6';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  check(1, { no: false });
}

export function handleSummary(data) {
  const [[name, { ok }]] = Object.entries(data.metrics.checks.thresholds);
  return { 'facts.txt': `${name} ${ok}` };
}
