// api: execution.vu.metrics.metadata
// expect: checks 3
import exec from 'k6/execution';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('none', exec.vu.metrics.metadata.trace, undefined);
  exec.vu.metrics.metadata.trace = 'abc';
  equal('set', exec.vu.metrics.metadata.trace, 'abc');
  delete exec.vu.metrics.metadata.trace;
  equal('deleted', exec.vu.metrics.metadata.trace, undefined);
}
