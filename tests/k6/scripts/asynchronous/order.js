// api: language.promises
// expect: checks 1
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default async function () {
  const order = [];
  setTimeout(() => order.push('timer'), 0);
  Promise.resolve().then(() => order.push('job'));
  order.push('now');
  await new Promise((resolve) => setTimeout(resolve, 20));
  equal('jobs before timers', order, ['now', 'job', 'timer']);
}
