// api: thresholds.no data
// k6-differs: a threshold on what was never measured doesn't pass
// expect: checks 1
// expect-loadgate: exit thresholds
// expect-k6: exit pass
import { check } from 'k6';

export const options = { thresholds: { http_reqs: ['count<10'] } };

export default function () {
  check(1, { yes: true });
}
