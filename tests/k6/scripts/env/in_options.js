// api: globals.__ENV
// args: -e TIMES=3
// expect: checks 3
import { equal } from '../../lib/equal.js';

export const options = {
  iterations: Number(__ENV.TIMES || 1),
  thresholds: { checks: ['rate==1'], iterations: ['count==3'] },
};

export default function () {
  equal(`number ${__ITER}`, __ITER < 3, true);
}
