// api: globals.setInterval, globals.clearInterval
// expect: checks 3
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  let ticks = 0;
  const id = setInterval(() => {
    ticks += 1;
    equal(`tick ${ticks}`, ticks <= 3, true);
    if (ticks === 3) {
      clearInterval(id);
    }
  }, 10);
}
