// api: globals.crypto.getRandomValues, globals.crypto.randomUUID
// expect: checks 4
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const uuid = crypto.randomUUID();
  equal('UUID', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuid), true);
  equal('another', crypto.randomUUID() === uuid, false);
  const array = new Uint8Array(64);
  equal('the same array', crypto.getRandomValues(array) === array, true);
  equal(
    'filled',
    array.some((n) => n !== 0),
    true,
  );
}
