// api: lifecycle.setup
// expect: checks 2
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export function setup() {}

export default function (data) {
  equal('undefined', data, undefined);
}

export function teardown(data) {
  equal('undefined at the end', data, undefined);
}
