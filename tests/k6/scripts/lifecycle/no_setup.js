// api: cli.--no-setup, cli.--no-teardown
// args: --no-setup --no-teardown
// expect: checks 1
import { check } from 'k6';

export function setup() {
  return 1;
}

export default function (data) {
  check(data, { nothing: (d) => d === undefined });
}

export function teardown() {
  check(1, { never: false });
}
