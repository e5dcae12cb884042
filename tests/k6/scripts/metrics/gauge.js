// api: metrics.Gauge
// expect: checks 1
// expect: metric level value == 3
import { Gauge } from 'k6/metrics';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'], level: ['value==3'] } };

const level = new Gauge('level');

export default function () {
  [7, -2, 3].forEach((n) => level.add(n));
  equal('returns a truth', level.add(3), true);
}
