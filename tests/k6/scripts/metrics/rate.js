// api: metrics.Rate
// expect: checks 1
// expect: metric good rate == 0.5
import { Rate } from 'k6/metrics';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'], good: ['rate==0.5'] } };

const good = new Rate('good');

export default function () {
  [true, false, 1, 0].forEach((v) => good.add(v));
  equal('once', 1, 1);
}
