// api: crypto.sha256
// expect: checks 8
import { sha256 } from 'k6/crypto';
import { equal, throws } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default function () {
  const hex = '8c4336c368f9dd93b1675729ce9d31b2ac7a9a429e508e3fac678652d96b3860';
  const bytes = Array.from({ length: 32 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));
  equal('hex', sha256('loadgate', 'hex'), hex);
  equal('base64', sha256('loadgate', 'base64'), 'jEM2w2j53ZOxZ1cpzp0xsqx6mkKeUI4/rGeGUtlrOGA=');
  equal('base64url', sha256('loadgate', 'base64url'), 'jEM2w2j53ZOxZ1cpzp0xsqx6mkKeUI4_rGeGUtlrOGA=');
  equal('base64rawurl', sha256('loadgate', 'base64rawurl'), 'jEM2w2j53ZOxZ1cpzp0xsqx6mkKeUI4_rGeGUtlrOGA');
  const binary = sha256('loadgate', 'binary');
  equal('an ArrayBuffer', binary instanceof ArrayBuffer, true);
  equal('bytes', Array.from(new Uint8Array(binary)), bytes);
  equal('of bytes', sha256(new Uint8Array([108, 111, 97, 100, 103, 97, 116, 101]).buffer, 'hex'), hex);
  throws('unknown', () => sha256('x', 'octal'), 'encoding');
}
