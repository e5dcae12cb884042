// api: k6.group
// expect: checks 2
// k6-differs: a check in a group is named by the path of the group
// expect-loadgate: check "a::same" 1
// expect-loadgate: check "b::same" 1
// expect-k6: check "same" 2
import { check, group } from 'k6';

export const options = { thresholds: { 'checks{group:::a}': ['rate==1'], 'checks{group:::b}': ['rate==1'] } };

export default function () {
  group('a', () => check(1, { same: true }));
  group('b', () => check(1, { same: true }));
}
