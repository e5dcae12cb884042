// api: modules.JSON
// expect: checks 1
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

const users = JSON.parse(open('./lib/users.json'));

export default function () {
  equal('data', users, [{ name: 'Ada' }, { name: 'Grace' }]);
}
