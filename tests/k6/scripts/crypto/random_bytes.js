// api: crypto.randomBytes
// expect: checks 4
import { randomBytes } from 'k6/crypto';
import { equal, throws } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const bytes = randomBytes(32);
  equal('an ArrayBuffer', bytes instanceof ArrayBuffer, true);
  equal('length', bytes.byteLength, 32);
  equal('not the same twice', String(new Uint8Array(randomBytes(32))) === String(new Uint8Array(bytes)), false);
  throws('none', () => randomBytes(-1), 'size');
}
