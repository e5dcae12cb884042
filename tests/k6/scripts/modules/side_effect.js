// api: modules.local
// expect: checks 1
import './lib/effect.js';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('what a module did', globalThis.effect, 'done');
}
