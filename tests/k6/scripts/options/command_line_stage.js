// api: cli.--stage
// args: --stage 0s:2,400ms:2
// expect: checks 2
import { check, sleep } from 'k6';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  check(null, { yes: true });
  sleep(0.6);
}
