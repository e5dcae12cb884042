// api: metrics.Counter
// expect: checks 2
// expect: metric sold count == 6.5
import { Counter } from 'k6/metrics';
import { equal } from '../../lib/equal.js';

export const options = { iterations: 2, thresholds: { checks: ['rate==1'], sold: ['count==6.5'] } };

const sold = new Counter('sold');

export default function () {
  equal('name', sold.name, 'sold');
  sold.add(1.25);
  sold.add('2');
  sold.add(0);
  sold.add(__ITER * 0);
}
