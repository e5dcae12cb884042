// api: globals.__ENV
// env: SHOP_NAME=Corner
// expect: checks 1
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('of the process', __ENV.SHOP_NAME, 'Corner');
}
