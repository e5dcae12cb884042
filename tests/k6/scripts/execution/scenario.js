// api: execution.scenario.name, execution.scenario.executor, execution.scenario.startTime
// api: execution.scenario.progress, execution.scenario.iterationInInstance, execution.scenario.iterationInTest
// expect: checks 24
import exec from 'k6/execution';
import { equal } from '../../lib/equal.js';

export const options = {
  scenarios: { shop: { executor: 'shared-iterations', vus: 1, iterations: 4 } },
  thresholds: { checks: ['rate==1'] },
};

export default function () {
  const { name, executor, startTime, progress, iterationInInstance, iterationInTest } = exec.scenario;
  equal('name', name, 'shop');
  equal('executor', executor, 'shared-iterations');
  equal('start', Math.abs(Date.now() - startTime) < 5000, true);
  equal('progress', progress, __ITER / 4);
  equal('iteration of this instance', iterationInInstance, __ITER);
  equal('iteration of all', iterationInTest, __ITER);
}
