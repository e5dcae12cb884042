// api: crypto.createHash, crypto.createHMAC
// expect: checks 3
import crypto, { createHash, createHMAC } from 'k6/crypto';
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const hash = createHash('sha256');
  hash.update('load');
  hash.update('gate');
  equal('in pieces', hash.digest('hex'), '8c4336c368f9dd93b1675729ce9d31b2ac7a9a429e508e3fac678652d96b3860');
  equal('again', hash.digest('base64'), 'jEM2w2j53ZOxZ1cpzp0xsqx6mkKeUI4/rGeGUtlrOGA=');
  const hmac = createHMAC('sha256', 'key');
  hmac.update('loadgate');
  equal('HMAC', hmac.digest('hex'), 'f1fad0c8504402c838387e001d4e05379657ba6f33046a6fae92bb4b36a8bcd9');
}
