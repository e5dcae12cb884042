// api: Params.compression
// expect: checks 15
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const body = 'words '.repeat(200);
  for (const compression of ['gzip', 'deflate', 'br', 'zstd', 'gzip, deflate']) {
    const res = http.post(`${__ENV.BASE_URL}/decoded`, body, { compression });
    equal(`header of ${compression}`, res.json('encoding'), compression);
    equal(`smaller by ${compression}`, res.json('received') < 600, true);
    equal(`unfolded of ${compression}`, res.json('body') === body, true);
  }
}
