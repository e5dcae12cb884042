// api: globals.__ENV
// args: -e SHOP=Corner
// expect: checks 4
import { equal } from '../../lib/equal.js';

export const options = { iterations: 2, thresholds: { checks: ['rate==1'] } };

export default function () {
  __ENV.OWN = 'mine';
  equal('a variable of its own', __ENV.OWN, 'mine');
  equal('names', Object.keys(__ENV).includes('SHOP'), true);
}
