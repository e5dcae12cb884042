// api: modules.local
// expect: checks 2
import { name, twice } from './lib/again.js';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('all', name, 'Corner');
  equal('the default by a name', twice(4), 8);
}
