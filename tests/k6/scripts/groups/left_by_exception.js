// api: k6.group
// expect: checks 1
import { check, group } from 'k6';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  try {
    group('a', () =>
      group('b', () => {
        throw new Error('out');
      }),
    );
  } catch {
    check(1, { 'back at the root': true });
  }
}
