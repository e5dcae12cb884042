// api: execution.test.options
// expect: checks 14
import exec from 'k6/execution';
import { equal } from '../../lib/equal.js';

export const options = {
  vus: 2,
  iterations: 2,
  userAgent: 'x/1',
  tags: { a: 'b' },
  discardResponseBodies: true,
  thresholds: { checks: ['rate==1'] },
};

export default function () {
  const { options } = exec.test;
  equal('scenarios are made of short forms', Object.keys(options.scenarios), ['default']);
  equal('executor', options.scenarios.default.executor, 'shared-iterations');
  equal('vus', options.scenarios.default.vus, 2);
  equal('iterations', options.scenarios.default.iterations, 2);
  equal('user agent', options.userAgent, 'x/1');
  equal('bodies', options.discardResponseBodies, true);
  equal('paused', options.paused, null);
}
