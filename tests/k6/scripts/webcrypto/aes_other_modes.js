// api: globals.crypto.subtle.encrypt
// k6-differs: of the modes of AES there is GCM alone
// expect: checks 2
// expect-loadgate: stderr contains "AES-CBC: NotSupportedError"
// expect-loadgate: stderr contains "AES-CTR: NotSupportedError"
// expect-k6: stderr contains "AES-CBC: 16 bytes"
// expect-k6: stderr contains "AES-CTR: 5 bytes"
import { equal } from '../../lib/equal.js';

async function encrypt(algorithm) {
  const key = await crypto.subtle.generateKey({ name: algorithm.name, length: 256 }, true, ['encrypt']);
  const cipher = await crypto.subtle.encrypt(algorithm, key, new Uint8Array([1, 2, 3, 4, 5]));
  return `${cipher.byteLength} bytes`;
}

export default async function () {
  const iv = crypto.getRandomValues(new Uint8Array(16));
  for (const algorithm of [
    { name: 'AES-CBC', iv },
    { name: 'AES-CTR', counter: iv, length: 64 },
  ]) {
    let outcome;
    try {
      outcome = await encrypt(algorithm);
    } catch (error) {
      outcome = error.name;
    }
    console.log(`${algorithm.name}: ${outcome}`);
    equal(`${algorithm.name} is encrypted or refused`, outcome !== undefined, true);
  }
}
