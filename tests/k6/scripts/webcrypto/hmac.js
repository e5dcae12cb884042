// api: globals.crypto.subtle.sign, globals.crypto.subtle.verify
// api: globals.crypto.subtle.importKey
// expect: checks 4
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

const hex = (buffer) =>
  Array.from(new Uint8Array(buffer))
    .map((b) => b.toString(16).padStart(2, '0'))
    .join('');

export default async function () {
  const data = new Uint8Array([108, 111, 97, 100, 103, 97, 116, 101]);
  const raw = new Uint8Array([107, 101, 121]);
  const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign', 'verify']);
  const signature = await crypto.subtle.sign('HMAC', key, data);
  equal('signature', hex(signature), 'f1fad0c8504402c838387e001d4e05379657ba6f33046a6fae92bb4b36a8bcd9');
  equal('right', await crypto.subtle.verify('HMAC', key, signature, data), true);
  equal('wrong', await crypto.subtle.verify('HMAC', key, signature, raw), false);
  const made = await crypto.subtle.generateKey({ name: 'HMAC', hash: { name: 'SHA-1' } }, true, ['sign']);
  equal('a key of its own', [made.type, made.extractable], ['secret', true]);
}
