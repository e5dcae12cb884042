// api: Response.body
// expect: checks 8
import http from 'k6/http';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  for (const [path, encoding] of [
    ['gzip', 'gzip'],
    ['deflate', 'deflate'],
    ['brotli', 'br'],
    ['zstd', 'zstd'],
  ]) {
    const res = http.get(`${__ENV.BASE_URL}/${path}`, { headers: { 'Accept-Encoding': encoding } });
    equal(`${path} is unfolded`, res.json('encoding'), encoding);
    equal(`${path} stays in the headers`, res.headers['Content-Encoding'], encoding);
  }
}
