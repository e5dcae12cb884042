import { check } from 'k6';

export const options = { iterations: 3, thresholds: { checks: ['rate==1'] } };

export function run() {
  check(1, { yes: true });
}
