// api: lifecycle.setup
// expect: checks 1
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export function setup() {
  return 'token';
}

export default function (data) {
  equal('a text', data, 'token');
}
