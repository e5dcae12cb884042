// api: lifecycle.teardown
// k6-differs: verdict: a teardown that fails is told, and what was measured stands
// expect: checks 1
// expect: output contains "can't close"
// expect-loadgate: exit pass
// expect-k6: exit setup
import { check } from 'k6';

export default function () {
  check(1, { yes: true });
}

export function teardown() {
  throw new Error("can't close");
}
