// api: metrics.Trend
// expect: checks 4
// expect: metric wait absent
import { Counter, Trend } from 'k6/metrics';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

const [t, c] = [new Trend('wait'), new Counter('items')];

export default function () {
  equal('NaN', t.add(NaN), false);
  equal('no number', t.add('fast'), false);
  equal('undefined', t.add(undefined), false);
  equal('null', c.add(null), false);
}
