// api: k6.check
// expect: checks 3
import { check } from 'k6';

export const options = {
  thresholds: {
    'checks{kind:fast}': ['rate==1'],
    'checks{kind:slow}': ['rate==1'],
    'checks{check:named}': ['rate==1'],
    'checks{kind:fast,check:named}': ['rate==1'],
  },
};

export default function () {
  check(1, { named: () => true, other: () => true }, { kind: 'fast' });
  check(1, { third: () => true }, { kind: 'slow' });
}
