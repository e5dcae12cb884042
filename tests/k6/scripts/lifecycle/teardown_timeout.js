// api: options.teardownTimeout
// expect: checks 1
// expect: exit teardown timeout
import { check, sleep } from 'k6';

export const options = { teardownTimeout: '100ms' };

export default function () {
  check(1, { yes: true });
}

export function teardown() {
  sleep(3);
}
