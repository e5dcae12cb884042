// api: k6.check
// expect: checks 200
// expect: check "each" 200
import { check } from 'k6';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  for (let i = 0; i < 200; i++) {
    check(i, { each: (n) => n === i });
  }
}
