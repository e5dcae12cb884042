// api: globals.crypto.subtle.digest
// expect: checks 3
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

const hex = (buffer) =>
  Array.from(new Uint8Array(buffer))
    .map((b) => b.toString(16).padStart(2, '0'))
    .join('');

export default async function () {
  const data = new Uint8Array([108, 111, 97, 100, 103, 97, 116, 101]);
  equal(
    'SHA-256',
    hex(await crypto.subtle.digest('SHA-256', data)),
    '8c4336c368f9dd93b1675729ce9d31b2ac7a9a429e508e3fac678652d96b3860',
  );
  equal(
    'SHA-1',
    hex(await crypto.subtle.digest({ name: 'SHA-1' }, data.buffer)),
    'eff79590e3a7562e2ccf33a6f83f7eb6f6ff87a3',
  );
  equal(
    'SHA-512',
    hex(await crypto.subtle.digest('sha-512', data)),
    'a1e94a37f4c0cf310f6a9b66ffa35d0c630e783174933f84cd5219e04fbf146f4f4f61d5d275c9572a58f84e190ae1f64d2592ce18167bc7141c66245ea0d192',
  );
}
