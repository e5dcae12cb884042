// api: thresholds.object
// expect: checks 1
import { check } from 'k6';
import { Counter } from 'k6/metrics';

export const options = {
  thresholds: {
    items: [
      { threshold: 'count==3', abortOnFail: false },
      'count<4',
      { threshold: 'count>0', abortOnFail: true, delayAbortEval: '10s' },
    ],
  },
};

const c = new Counter('items');

export default function () {
  c.add(3);
  check(1, { yes: true });
}
