// api: k6.sleep
// expect: checks 1
import { sleep } from 'k6';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  let fired = false;
  setTimeout(() => {
    fired = true;
  }, 1);
  sleep(0.05);
  equal('nothing runs while the script sleeps', fired, false);
}
