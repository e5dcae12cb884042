// api: crypto.md4, crypto.md5, crypto.sha1, crypto.sha256, crypto.sha384, crypto.sha512, crypto.sha512_224
// api: crypto.sha512_256, crypto.ripemd160
// expect: checks 9
import crypto from 'k6/crypto';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const known = {
    md4: '2a0d6be52f0a8de6689419ca623f0258',
    md5: '9d2c0c316b0a3caf0e492bc8ea55d74c',
    sha1: 'eff79590e3a7562e2ccf33a6f83f7eb6f6ff87a3',
    sha256: '8c4336c368f9dd93b1675729ce9d31b2ac7a9a429e508e3fac678652d96b3860',
    sha384: '91aca8538c3fa0939aaaf090f96d7c47c42451098fd353cdc92ce87c7d79e0cbab644775d9021f9bca1e7a5c10d118c2',
    sha512:
      'a1e94a37f4c0cf310f6a9b66ffa35d0c630e783174933f84cd5219e04fbf146f4f4f61d5d275c9572a58f84e190ae1f64d2592ce18167bc7141c66245ea0d192',
    sha512_224: '58268901bdb98fff30c7824db733f0489ae80dce8508f70a44ca6026',
    sha512_256: 'a6f9da57357aa44ec1f7507122ffe74d9e98eab32513527ea31c86338ae1b514',
    ripemd160: 'f72b061c0cebe126b8bd96dffb68bd49b5b1ec70',
  };
  for (const [name, digest] of Object.entries(known)) {
    equal(name, crypto[name]('loadgate', 'hex'), digest);
  }
}
