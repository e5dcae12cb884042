// api: globals.__ENV
// env: SHOP_NAME=Corner
// args: -e SHOP_NAME=Main
// expect: checks 1
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('the option', __ENV.SHOP_NAME, 'Main');
}
