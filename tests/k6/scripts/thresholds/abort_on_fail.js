// api: thresholds.abortOnFail
// expect: checks 1
// expect: exit thresholds
// expect: metric done absent
import { check, sleep } from 'k6';
import { Counter } from 'k6/metrics';

export const options = {
  iterations: 60,
  thresholds: { wrong: [{ threshold: 'count<1', abortOnFail: true, delayAbortEval: '0s' }] },
};

const [wrong, done] = [new Counter('wrong'), new Counter('done')];

export default function () {
  if (__ITER === 0) {
    check(1, { started: true });
    wrong.add(1);
  }
  sleep(0.25);
  if (__ITER === 59) {
    done.add(1);
  }
}
