// api: encoding.b64encode, encoding.b64decode
// expect: checks 9
import encoding from 'k6/encoding';
import { equal, throws } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const bytes = new Uint8Array([251, 255, 254, 1]).buffer;
  const variants = { std: '+//+AQ==', rawstd: '+//+AQ', url: '-__-AQ==', rawurl: '-__-AQ' };
  for (const [variant, text] of Object.entries(variants)) {
    equal(variant, encoding.b64encode(bytes, variant), text);
    equal(`back from ${variant}`, Array.from(new Uint8Array(encoding.b64decode(text, variant))), [251, 255, 254, 1]);
  }
  throws('no base64', () => encoding.b64decode('***'), 'ase64');
}
