// api: globals.__ENV
// k6-differs: names with TOKEN, SECRET, KEY or PASSWORD, and those of GitHub's runners, are given by `-e` only
// env: SHOP_TOKEN=s3cret
// args: -e OTHER_TOKEN=given
// expect: checks 2
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  equal('hidden', [undefined, 's3cret'].includes(__ENV.SHOP_TOKEN), true);
  equal('given', __ENV.OTHER_TOKEN, 'given');
}
