// api: data.SharedArray, lifecycle.open
// expect: checks 2
import { SharedArray } from 'k6/data';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

const rows = new SharedArray('rows', () => {
  const [head, ...lines] = open('./files/users.csv').trim().split('\n');
  const names = head.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((value, i) => [names[i], value])));
});

export default function () {
  equal('rows', rows.length, 2);
  equal('one', rows[__ITER % rows.length], { name: 'Ada', lang: 'notes' });
}
