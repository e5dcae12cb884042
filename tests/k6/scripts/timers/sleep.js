// api: k6.sleep
// expect: checks 4
import { sleep } from 'k6';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  for (const seconds of [0.1, 0.05, 0]) {
    const started = Date.now();
    sleep(seconds);
    const took = Date.now() - started;
    equal(`${seconds} s, not less and not much more`, took >= seconds * 1000 - 1 && took < seconds * 1000 + 90, true);
  }
  equal('returns nothing', sleep(0.001), undefined);
}
