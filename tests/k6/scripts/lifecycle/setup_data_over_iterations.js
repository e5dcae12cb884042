// api: lifecycle.setup
// expect: checks 3
import { equal } from '../../lib/equal.js';

export const options = { iterations: 3, thresholds: { checks: ['rate==1'] } };

export function setup() {
  return { count: 0 };
}

export default function (data) {
  equal('one object for all iterations of a VU', data.count, __ITER);
  data.count += 1;
}
