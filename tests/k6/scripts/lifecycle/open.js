// api: lifecycle.open
// expect: checks 3
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

const text = open('./files/words.txt');
const bytes = open('files/words.txt', 'b');

export default function () {
  equal('text', text, 'Grüße\nzwei\n');
  equal('an ArrayBuffer', bytes instanceof ArrayBuffer, true);
  equal('bytes', bytes.byteLength, 13);
}
