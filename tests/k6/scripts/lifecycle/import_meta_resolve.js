// api: modules.import.meta.resolve
// expect: checks 1
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

const text = open(import.meta.resolve('./files/words.txt'));

export default function () {
  equal('a file beside the script', text.split('\n')[1], 'zwei');
}
