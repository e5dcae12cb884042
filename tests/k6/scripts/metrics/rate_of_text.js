// api: metrics.Rate
// expect: checks 1
// expect: metric share rate == 1
import { Rate } from 'k6/metrics';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

const share = new Rate('share');

export default function () {
  share.add(true);
  equal('a text is no value', share.add('yes'), false);
}
