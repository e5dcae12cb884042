// api: k6.check
// expect: checks 0 of 1
// expect: exit pass
import { check } from 'k6';

export default function () {
  check(1, { bad: false });
}
