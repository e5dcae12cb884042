// api: execution.vu.idInTest, execution.vu.idInInstance, execution.vu.iterationInInstance
// api: execution.vu.iterationInScenario, globals.__VU, globals.__ITER
// expect: checks 28
import exec, { vu } from 'k6/execution';
import { equal } from '../../lib/equal.js';

export const options = {
  scenarios: { s: { executor: 'per-vu-iterations', vus: 2, iterations: 2 } },
  thresholds: { checks: ['rate==1'] },
};

let ran = 0;

export default function () {
  equal('__VU', vu.idInTest, __VU);
  equal('of this instance', vu.idInInstance, __VU);
  equal('from 1', __VU === 1 || __VU === 2, true);
  equal('__ITER', vu.iterationInInstance, __ITER);
  equal('from 0', __ITER, ran);
  equal('of the scenario', vu.iterationInScenario, ran);
  equal('by the default import too', exec.vu.idInTest, vu.idInTest);
  ran += 1;
}
