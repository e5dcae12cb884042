// api: metrics.Counter
// expect: checks 1
// expect: metric items count == 3
import { Counter } from 'k6/metrics';
import { equal, throws } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'], items: ['count==3'] } };

const [one, two] = [new Counter('items'), new Counter('items')];

export default function () {
  one.add(1);
  two.add(2);
  equal('one metric', one.name, two.name);
}
