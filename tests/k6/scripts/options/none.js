// api: lifecycle.default
// expect: checks 1
// expect: metric iterations count == 1
import { check } from 'k6';

export default function () {
  check(null, { 'one VU, one iteration': () => __VU === 1 && __ITER === 0 });
}
