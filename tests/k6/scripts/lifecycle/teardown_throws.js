// api: lifecycle.teardown
// expect: checks 1
// expect: output contains "can't close"
// expect: exit setup
import { check } from 'k6';

export default function () {
  check(1, { yes: true });
}

export function teardown() {
  throw new Error("can't close");
}
