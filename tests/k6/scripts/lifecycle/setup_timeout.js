// api: options.setupTimeout
// expect: checks 0
// expect: exit setup timeout
// expect: metric iterations absent
import { sleep } from 'k6';

export const options = { setupTimeout: '100ms' };

export function setup() {
  sleep(3);
}

export default function () {}
