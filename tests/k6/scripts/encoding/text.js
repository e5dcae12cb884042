// api: globals.TextEncoder, globals.TextDecoder
// expect: checks 5
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const bytes = new TextEncoder().encode('Grüße 🌍');
  equal('bytes', bytes instanceof Uint8Array, true);
  equal('UTF-8', Array.from(bytes), [71, 114, 195, 188, 195, 159, 101, 32, 240, 159, 140, 141]);
  equal('back', new TextDecoder().decode(bytes), 'Grüße 🌍');
  equal('of a buffer', new TextDecoder('utf-8').decode(bytes.buffer), 'Grüße 🌍');
  equal('name', new TextDecoder().encoding, 'utf-8');
}
