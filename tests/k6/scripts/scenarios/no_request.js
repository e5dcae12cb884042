// api: lifecycle.default
// k6-differs: verdict: a run without a request is not measured
// expect: checks 1
// expect-loadgate: exit not measured
// expect-k6: exit pass
import { check } from 'k6';

export default function () {
  check(1, { yes: true });
}
