// api: options.durations
// expect: checks 15
import exec from 'k6/execution';
import { equal } from '../../lib/equal.js';

export const options = {
  scenarios: {
    a: { executor: 'per-vu-iterations', maxDuration: '1m30s', gracefulStop: '500ms', startTime: '0.05s' },
    b: { executor: 'per-vu-iterations', maxDuration: 2000, gracefulStop: '1h', startTime: '0' },
    c: { executor: 'per-vu-iterations', maxDuration: '1d' },
  },
  thresholds: { checks: ['rate==1'] },
};

export default function () {
  const { a, b, c } = exec.test.options.scenarios;
  equal('minutes and seconds', a.maxDuration, '1m30s');
  equal('a number is milliseconds', b.maxDuration, '2s');
  equal('parts of a second', a.startTime, '50ms');
  equal('hours', b.gracefulStop, '1h0m0s');
  equal('days', c.maxDuration, '24h0m0s');
}
