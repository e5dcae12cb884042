// api: execution.vu.metrics.tags
// expect: checks 2
import exec from 'k6/execution';
import { throws } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  throws(
    'an object',
    () => {
      exec.vu.metrics.tags.a = {};
    },
    "'a'",
  );
  throws(
    'nothing',
    () => {
      exec.vu.metrics.tags.b = undefined;
    },
    "'b'",
  );
}
