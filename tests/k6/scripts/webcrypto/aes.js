// api: globals.crypto.subtle.encrypt, globals.crypto.subtle.decrypt
// api: globals.crypto.subtle.generateKey, globals.crypto.subtle.exportKey
// expect: checks 3
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default async function () {
  const plain = new Uint8Array([1, 2, 3, 4, 5]);
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt', 'decrypt']);
  const algorithm = { name: 'AES-GCM', iv: crypto.getRandomValues(new Uint8Array(12)) };
  const cipher = await crypto.subtle.encrypt(algorithm, key, plain);
  equal('length', cipher.byteLength, 21);
  const back = await crypto.subtle.decrypt(algorithm, key, cipher);
  equal('and back', Array.from(new Uint8Array(back)), [1, 2, 3, 4, 5]);
  equal('key', (await crypto.subtle.exportKey('raw', key)).byteLength, 32);
}
