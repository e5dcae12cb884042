// api: thresholds.operators
// expect: checks 1
import { check } from 'k6';
import { Counter } from 'k6/metrics';

export const options = {
  thresholds: {
    items: [
      'count>2',
      'count>=3',
      'count<4',
      'count<=3',
      'count==3',
      'count===3',
      'count!=4',
      ' count  <  3.5 ',
      'count > -1',
    ],
  },
};

const c = new Counter('items');

export default function () {
  c.add(3);
  check(1, { yes: true });
}
