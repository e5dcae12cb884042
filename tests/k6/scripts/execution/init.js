// api: execution.vu.idInTest
// expect: checks 3
import exec from 'k6/execution';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

// The script's start runs once more than there are VUs: there __VU is 0.
const [vuAtStart, iterAtStart] = [__VU, typeof __ITER];

export default function () {
  equal('number at the start', vuAtStart, 1);
  equal('no iteration at the start', iterAtStart, 'undefined');
  equal('number', exec.vu.idInTest, 1);
}
