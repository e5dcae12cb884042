// api: modules.require
// expect: checks 1
import shop from './lib/common.js';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('what a CommonJS module exports', shop.name, 'Corner');
}
