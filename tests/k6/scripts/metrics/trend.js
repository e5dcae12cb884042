// api: metrics.Trend
// expect: checks 1
// expect: metric wait avg == 250
// expect: metric wait max == 400
import { Trend } from 'k6/metrics';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'], wait: ['avg==250', 'med>249', 'med<251', 'min==100', 'max==400'] } };

const wait = new Trend('wait', true);

export default function () {
  [100, 400, 300, 250, 200].forEach((n) => wait.add(n));
  equal('once', 1, 1);
}
