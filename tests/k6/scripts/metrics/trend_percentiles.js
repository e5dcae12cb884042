// api: metrics.Trend
// k6-differs: a percentile is the value of a sample, within 0.1 %, and none between two samples
// expect: checks 1
// expect-loadgate: metric wait med > 199.8
// expect-loadgate: metric wait med < 200.2
// expect-k6: metric wait med == 250
import { Trend } from 'k6/metrics';
import { equal } from '../../lib/equal.js';

const wait = new Trend('wait');

export default function () {
  [100, 400, 300, 200].forEach((n) => wait.add(n));
  equal('once', 1, 1);
}
