// api: cli.--no-thresholds
// args: --no-thresholds
// expect: checks 0 of 1
// expect: exit pass
import { check } from 'k6';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  check(1, { bad: false });
}
