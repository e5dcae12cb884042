// api: execution.vu.metrics.tags
// expect: checks 2
import exec from 'k6/execution';
import { equal } from '../../lib/equal.js';

export const options = { iterations: 2, thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('kept for the next iteration', exec.vu.metrics.tags.seen, __ITER === 0 ? undefined : 'yes');
  exec.vu.metrics.tags.seen = 'yes';
}
