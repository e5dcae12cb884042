// api: timers.setTimeout, timers.setInterval, timers.clearTimeout, timers.clearInterval
// expect: checks 2
import { setTimeout, setInterval, clearTimeout, clearInterval } from 'k6/timers';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default async function () {
  const value = await new Promise((resolve) => setTimeout(() => resolve('later'), 10));
  equal('later', value, 'later');
  clearTimeout(setTimeout(() => equal('never', 1, 2), 5));
  const id = setInterval(() => {
    clearInterval(id);
    equal('once', 1, 1);
  }, 5);
}
