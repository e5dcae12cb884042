// api: options.vus
// expect: checks 3
// expect: metric iterations count == 3
import { check } from 'k6';

export const options = { vus: 3, thresholds: { checks: ['rate==1'] } };

export default function () {
  check(1, { yes: true });
}
