// api: metrics.Trend
// expect: checks 1
import { Trend } from 'k6/metrics';
import { equal } from '../../lib/equal.js';

export const options = {
  thresholds: {
    checks: ['rate==1'],
    small: ['avg>0.0019', 'max<0.0032'],
    large: ['max>9.99e8', 'min<1.01e6'],
  },
};

const [small, large] = [new Trend('small'), new Trend('large')];

export default function () {
  [0.001, 0.002, 0.003].forEach((n) => small.add(n));
  [1e6, 1e9].forEach((n) => large.add(n));
  equal('once', 1, 1);
}
