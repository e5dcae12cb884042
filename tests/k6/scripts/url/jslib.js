// api: modules.jslib k6-utils
// k6-skip: it would ask the network for the module
// expect: checks 5
import { randomIntBetween, randomItem, randomString, uuidv4 } from 'https://jslib.k6.io/k6-utils/1.4.0/index.js';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const numbers = Array.from({ length: 200 }, () => randomIntBetween(1, 3));
  equal('between, ends included', [...new Set(numbers)].sort(), [1, 2, 3]);
  equal('an item', ['a', 'b'].includes(randomItem(['a', 'b'])), true);
  equal('a text', /^[a-z]{8}$/.test(randomString(8)), true);
  equal('of these letters', /^[xy]{5}$/.test(randomString(5, 'xy')), true);
  equal('UUID', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(uuidv4()), true);
}
