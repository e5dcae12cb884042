// api: execution.instance.vusActive, execution.instance.vusInitialized, execution.instance.iterationsCompleted
// api: execution.instance.iterationsInterrupted, execution.instance.currentTestRunDuration
// expect: checks 15
import exec from 'k6/execution';
import { sleep } from 'k6';
import { equal } from '../../lib/equal.js';

export const options = {
  scenarios: { s: { executor: 'per-vu-iterations', vus: 1, iterations: 3 } },
  thresholds: { checks: ['rate==1'] },
};

export default function () {
  const { instance } = exec;
  equal('active', instance.vusActive, 1);
  equal('initialized', instance.vusInitialized, 1);
  equal('completed', instance.iterationsCompleted, __ITER);
  equal('interrupted', instance.iterationsInterrupted, 0);
  const before = instance.currentTestRunDuration;
  sleep(0.02);
  const after = instance.currentTestRunDuration;
  equal('milliseconds', after - before >= 19 && after - before < 1000, true);
}
