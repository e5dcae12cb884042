// api: encoding.b64encode, encoding.b64decode
// expect: checks 7
import { b64decode, b64encode } from 'k6/encoding';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('text', b64encode('Ada & Grace?'), 'QWRhICYgR3JhY2U/');
  equal('padding', [b64encode('a'), b64encode('ab'), b64encode('')], ['YQ==', 'YWI=', '']);
  equal('UTF-8', b64encode('Grüße'), 'R3LDvMOfZQ==');
  equal('bytes', b64encode(new Uint8Array([251, 255]).buffer), '+/8=');
  equal('back to text', b64decode('R3LDvMOfZQ==', 'std', 's'), 'Grüße');
  const bytes = b64decode('+/8=');
  equal('an ArrayBuffer', bytes instanceof ArrayBuffer, true);
  equal('back to bytes', Array.from(new Uint8Array(bytes)), [251, 255]);
}
