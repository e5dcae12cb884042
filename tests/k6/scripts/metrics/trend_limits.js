// api: metrics.Trend
// k6-differs: a trend takes values from 0 to 10^12, and warns of others
// expect: checks 1
// expect: metric within max == 1000000000000
// expect-loadgate: stderr contains "from 0 to 10^12"
// expect-loadgate: metric below absent
// expect-loadgate: metric above absent
// expect-k6: metric below min == -5
// expect-k6: metric above max == 2000000000000
import { Trend } from 'k6/metrics';
import { equal } from '../../lib/equal.js';

const [below, within, above] = [new Trend('below'), new Trend('within'), new Trend('above')];

export default function () {
  below.add(-5);
  within.add(1e12);
  above.add(2e12);
  equal('once', 1, 1);
}
