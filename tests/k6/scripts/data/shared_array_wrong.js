// api: data.SharedArray
// expect: checks 2
import { SharedArray } from 'k6/data';
import { equal, throws } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

const messages = [];
for (const make of [
  () => new SharedArray('a', () => ({})),
  () => new SharedArray('', () => []),
  () => new SharedArray('b'),
]) {
  try {
    make();
    messages.push('');
  } catch (error) {
    messages.push('thrown');
  }
}

export default function () {
  equal('no array, no name, no function', messages, ['thrown', 'thrown', 'thrown']);
  throws('only at the start', () => new SharedArray('late', () => []), 'init');
}
