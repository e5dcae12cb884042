// api: options.teardownTimeout
// k6-differs: verdict: a teardown that fails is told, and what was measured stands
// expect: checks 1
// expect-loadgate: exit pass
// expect-k6: exit teardown timeout
import { check, sleep } from 'k6';

export const options = { teardownTimeout: '100ms' };

export default function () {
  check(1, { yes: true });
}

export function teardown() {
  sleep(3);
}
