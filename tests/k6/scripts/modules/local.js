// api: modules.local
// expect: checks 5
import def, { name, Shop, price as cost } from './lib/shop.js';
import * as all from './lib/shop.js';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('default', def(2), 4);
  equal('name', name, 'Corner');
  equal('renamed', cost, 3);
  equal('class', new Shop('x').title(), 'shop x');
  equal('namespace', Object.keys(all).sort(), ['Shop', 'count', 'default', 'increase', 'name', 'price']);
}
