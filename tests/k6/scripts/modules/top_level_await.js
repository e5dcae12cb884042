// api: modules.top-level await
// expect: checks 1
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

const value = await Promise.resolve(3);

export default function () {
  equal('awaited', value, 3);
}
