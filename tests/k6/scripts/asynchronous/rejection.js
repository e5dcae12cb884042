// api: language.promises
// k6-differs: verdict: an exception fails the run
// expect: checks 2
// expect: metric iterations count == 2
// expect-loadgate: exit thresholds
// expect-k6: exit pass
// expect: output contains "nobody caught this"
import { equal } from '../../lib/equal.js';

export const options = { iterations: 2, thresholds: { checks: ['rate==1'] } };

export default async function () {
  equal('before', 1, 1);
  await Promise.reject(new Error('nobody caught this'));
  equal('never', 1, 2);
}
