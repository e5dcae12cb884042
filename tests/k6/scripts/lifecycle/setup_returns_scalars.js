// api: lifecycle.setup
// expect: checks ?
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export function setup() {
  return 'token';
}

export default function (data) {
  equal('a text', data, 'token');
}
