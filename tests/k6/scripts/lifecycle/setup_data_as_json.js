// api: lifecycle.setup
// expect: checks ?
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export function setup() {
  return { date: new Date(0), missing: undefined, run: () => 1, nan: NaN, map: new Map([[1, 2]]), text: 'Grüße' };
}

export default function (data) {
  equal('as JSON', data, { date: '1970-01-01T00:00:00.000Z', nan: null, map: {}, text: 'Grüße' });
}
