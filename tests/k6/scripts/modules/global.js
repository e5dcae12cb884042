// api: globals.global
// expect: checks 2
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('another name of globalThis', global === globalThis, true);
  global.shop = 'Corner';
  equal('what it has is known by its name', shop, 'Corner');
}
