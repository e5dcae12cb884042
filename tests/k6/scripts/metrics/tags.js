// api: metrics.Counter, tags.custom metrics
// expect: checks 1
import { Counter, Trend } from 'k6/metrics';
import { equal } from '../../lib/equal.js';

export const options = {
  thresholds: {
    checks: ['rate==1'],
    'sold{kind:bread}': ['count==3'],
    'sold{kind:milk}': ['count==4'],
    sold: ['count==8'],
    'wait{step:1}': ['max==10'],
  },
};

const [sold, wait] = [new Counter('sold'), new Trend('wait')];

export default function () {
  sold.add(1, { kind: 'bread' });
  sold.add(2, { kind: 'bread', fresh: true });
  sold.add(4, { kind: 'milk' });
  sold.add(1);
  wait.add(10, { step: 1 });
  wait.add(20, { step: 2 });
  equal('once', 1, 1);
}
