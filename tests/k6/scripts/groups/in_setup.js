// api: k6.group
// expect: checks 2
import { check, group } from 'k6';

export const options = {
  thresholds: { 'checks{group:::setup::login}': ['rate==1'], 'checks{group:::shop}': ['rate==1'] },
};

export function setup() {
  group('login', () => check(1, { 'logged in': true }));
}

export default function () {
  group('shop', () => check(1, { open: true }));
}
