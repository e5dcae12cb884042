// api: data.SharedArray
// expect: checks 12
import { SharedArray } from 'k6/data';
import { equal } from '../../lib/equal.js';

export const options = {
  scenarios: { s: { executor: 'per-vu-iterations', vus: 2, iterations: 1 } },
  thresholds: { checks: ['rate==1'] },
};

const users = new SharedArray('users', () => JSON.parse(open('./files/users.json')));

export default function () {
  equal('length', users.length, 3);
  equal('an element', users[1], { name: 'Grace', langs: ['cobol'] });
  equal('beyond', users[3], undefined);
  equal(
    'for of',
    [...users].map((user) => user.name),
    ['Ada', 'Grace', 'Barbara'],
  );
  equal('spread of a member', users[0].langs[0], 'notes');
  let seen = 0;
  for (const user of users) {
    seen += user.langs.length;
  }
  equal('a loop', seen, 4);
}
