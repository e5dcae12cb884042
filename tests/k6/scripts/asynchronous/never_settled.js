// api: language.promises
// expect: checks 2
// expect: metric iterations count == 2
import { equal } from '../../lib/equal.js';

export const options = { iterations: 2, thresholds: { checks: ['rate==1'] } };

export default async function () {
  equal('begun', 1, 1);
  await new Promise(() => {});
  equal('never', 1, 2);
}
