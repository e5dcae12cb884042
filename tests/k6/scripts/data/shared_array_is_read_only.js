// api: data.SharedArray
// expect: checks 4
import { SharedArray } from 'k6/data';
import { equal, throws } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

const users = new SharedArray('users', () => [{ name: 'Ada' }]);

export default function () {
  throws(
    'an element',
    () => {
      users[0] = 1;
    },
    '',
  );
  throws(
    'a member',
    () => {
      users[0].name = 'Eve';
    },
    '',
  );
  throws('push', () => users.push(1), '');
  equal('nothing changed', [users.length, users[0]], [1, { name: 'Ada' }]);
}
