// api: metrics.built-in
// expect: checks 3
// expect: metric vus max == 3
// expect: metric vus_max max == 3
import { check, sleep } from 'k6';

export const options = { vus: 3, iterations: 3, thresholds: { vus: ['value<=3'], vus_max: ['value==3'] } };

export default function () {
  check(1, { yes: true });
  sleep(1.4);
}
