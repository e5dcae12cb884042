// api: lifecycle.init
// expect: checks 3
import exec from 'k6/execution';
import { equal } from '../../lib/equal.js';

export const options = { iterations: 3, thresholds: { checks: ['rate==1'] } };

let starts = 0;
starts += 1;

export default function () {
  equal('the start runs once for a VU', starts, 1);
}
