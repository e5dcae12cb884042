// api: globals.crypto.subtle.encrypt, globals.crypto.subtle.decrypt
// api: globals.crypto.subtle.generateKey, globals.crypto.subtle.exportKey
// expect: checks 9
import { equal } from '../../lib/equal.js';

export const options = { thresholds: { checks: ['rate==1'] } };

export default async function () {
  const plain = new Uint8Array([1, 2, 3, 4, 5]);
  for (const [name, length] of [
    ['AES-CBC', 128],
    ['AES-GCM', 256],
    ['AES-CTR', 256],
  ]) {
    const key = await crypto.subtle.generateKey({ name, length }, true, ['encrypt', 'decrypt']);
    const iv = crypto.getRandomValues(new Uint8Array(name === 'AES-GCM' ? 12 : 16));
    const algorithm = name === 'AES-CTR' ? { name, counter: iv, length: 64 } : { name, iv };
    const cipher = await crypto.subtle.encrypt(algorithm, key, plain);
    equal(`${name} length`, cipher.byteLength, { 'AES-CBC': 16, 'AES-GCM': 21, 'AES-CTR': 5 }[name]);
    const back = await crypto.subtle.decrypt(algorithm, key, cipher);
    equal(`${name} and back`, Array.from(new Uint8Array(back)), [1, 2, 3, 4, 5]);
    equal(`${name} key`, (await crypto.subtle.exportKey('raw', key)).byteLength, length / 8);
  }
}
