// api: summary.handleSummary
// expect: checks 1
// expect: file late.txt contains "awaited"
import { check } from 'k6';

export default function () {
  check(1, { yes: true });
}

export async function handleSummary() {
  const text = await Promise.resolve('awaited');
  return { 'late.txt': text };
}
