// The global `crypto` over `core`, which computes.
export default (core) => {
  const fail = (name, message) => {
    const error = new Error(message);
    error.name = name;
    return error;
  };
  const unsupported = (name, operation) =>
    fail("NotSupportedError", `the algorithm "${name}" isn't supported for the operation "${operation}"`);

  const HASHES = { "SHA-1": 64, "SHA-256": 64, "SHA-384": 128, "SHA-512": 128 };
  const MATERIAL = new WeakMap();

  // An algorithm, by its name or by an object with its name and parameters.
  const named = (algorithm, operation, names) => {
    const given = typeof algorithm === "string" ? { name: algorithm } : algorithm;
    if (!given || typeof given.name !== "string") {
      throw fail("SyntaxError", `${operation}(): the algorithm must be a name or an object with a name`);
    }
    const name = names.find((known) => known.toUpperCase() === given.name.toUpperCase());
    if (!name) throw unsupported(given.name, operation);
    return { ...given, name };
  };
  const hashOf = (algorithm, operation) => {
    if (algorithm.hash === undefined) throw fail("TypeError", `${operation}(): the algorithm has no hash`);
    return named(algorithm.hash, operation, Object.keys(HASHES)).name;
  };
  const material = (key, usage, name) => {
    const bytes = MATERIAL.get(key);
    if (!bytes) throw fail("TypeError", "the key must be a CryptoKey");
    if (key.algorithm.name !== name) throw fail("InvalidAccessError", `the key is of the algorithm ${key.algorithm.name}, not ${name}`);
    if (usage && !key.usages.includes(usage)) throw fail("InvalidAccessError", `key does not contain the '${usage}' usage`);
    return bytes;
  };

  class CryptoKey {
    constructor(extractable, algorithm, usages) {
      this.type = "secret";
      this.extractable = Boolean(extractable);
      this.algorithm = algorithm;
      this.usages = usages;
    }
  }

  const USAGES = { HMAC: ["sign", "verify"], "AES-GCM": ["encrypt", "decrypt", "wrapKey", "unwrapKey"], PBKDF2: ["deriveBits", "deriveKey"] };
  const makeKey = (bytes, algorithm, extractable, usages) => {
    const known = USAGES[algorithm.name];
    const list = Array.from(usages ?? []);
    const wrong = list.find((usage) => !known.includes(usage));
    if (wrong !== undefined) throw fail("SyntaxError", `invalid key usage: ${wrong}`);
    if (list.length === 0) throw fail("SyntaxError", "a secret key needs at least one usage");
    const key = new CryptoKey(extractable, algorithm, known.filter((usage) => list.includes(usage)));
    MATERIAL.set(key, bytes);
    return key;
  };
  const aesAlgorithm = (bits) => {
    if (bits !== 128 && bits !== 256) throw fail(bits === 192 ? "NotSupportedError" : "DataError", `an AES key of ${bits} bits isn't supported; use 128 or 256`);
    return { name: "AES-GCM", length: bits };
  };
  const importBytes = (bytes, given, extractable, usages) => {
    if (given.name === "HMAC") {
      const hash = hashOf(given, "importKey");
      return makeKey(bytes, { name: "HMAC", hash: { name: hash }, length: bytes.byteLength * 8 }, extractable, usages);
    }
    if (given.name === "AES-GCM") return makeKey(bytes, aesAlgorithm(bytes.byteLength * 8), extractable, usages);
    if (extractable) throw fail("SyntaxError", "a PBKDF2 key can't be extractable");
    return makeKey(bytes, { name: "PBKDF2" }, false, usages);
  };
  const lengthOf = (given) => {
    if (given.name === "AES-GCM") return aesAlgorithm(given.length).length;
    return given.length ?? HASHES[hashOf(given, "generateKey")] * 8;
  };
  const jwkName = (algorithm) =>
    algorithm.name === "HMAC" ? "HS" + algorithm.hash.name.slice(4) : `A${algorithm.length}GCM`;
  const gcm = (algorithm) => {
    const nonce = algorithm.iv === undefined ? new ArrayBuffer(0) : core.bytes(algorithm.iv, "iv");
    if (nonce.byteLength !== 12) throw fail("NotSupportedError", "AES-GCM needs an iv of 12 bytes");
    if (algorithm.tagLength !== undefined && algorithm.tagLength !== 128) {
      throw fail("NotSupportedError", `a tagLength of ${algorithm.tagLength} isn't supported; use 128`);
    }
    const besides = algorithm.additionalData === undefined ? new ArrayBuffer(0) : core.bytes(algorithm.additionalData, "additionalData");
    return [nonce, besides];
  };
  const deriveBytes = (algorithm, key, bits) => {
    const given = named(algorithm, "deriveBits", ["PBKDF2"]);
    if (!Number.isInteger(bits) || bits <= 0 || bits % 8) throw fail("OperationError", "the length must be a multiple of 8 bits");
    const iterations = Number(given.iterations);
    if (!(iterations >= 1 && iterations <= 0xffffffff)) throw fail("OperationError", "iterations must be at least 1");
    return core.derive(hashOf(given, "deriveBits"), MATERIAL.get(key), core.bytes(given.salt, "salt"), Math.trunc(iterations), bits / 8);
  };

  class SubtleCrypto {
    async digest(algorithm, data) {
      const { name } = named(algorithm, "digest", Object.keys(HASHES));
      return core.digest(name, core.bytes(data, "data"));
    }
    async generateKey(algorithm, extractable, usages) {
      const given = named(algorithm, "generateKey", ["HMAC", "AES-GCM"]);
      const bits = lengthOf(given);
      if (!Number.isInteger(bits) || bits <= 0 || bits % 8) throw fail("OperationError", "the length must be a multiple of 8 bits");
      return importBytes(core.random(bits / 8), given, extractable, usages);
    }
    async importKey(format, data, algorithm, extractable, usages) {
      if (format !== "raw" && format !== "jwk") throw fail("NotSupportedError", `the key format '${format}' isn't supported; use raw or jwk`);
      const given = named(algorithm, "importKey", ["HMAC", "AES-GCM", "PBKDF2"]);
      if (format === "raw") return importBytes(core.bytes(data, "keyData"), given, extractable, usages);
      if (data?.kty !== "oct" || typeof data.k !== "string") throw fail("DataError", 'the JWK needs the kty "oct" and a k');
      const bytes = core.fromBase64(data.k);
      if (!bytes) throw fail("DataError", "the JWK's k must be Base64 for URLs, without padding");
      const key = importBytes(bytes, given, extractable, usages);
      if (data.alg !== undefined && key.algorithm.name !== "PBKDF2" && data.alg !== jwkName(key.algorithm)) {
        throw fail("DataError", `the JWK's alg is ${data.alg}, and the algorithm's ${jwkName(key.algorithm)}`);
      }
      return key;
    }
    async exportKey(format, key) {
      const bytes = MATERIAL.get(key);
      if (!bytes) throw fail("TypeError", "the key must be a CryptoKey");
      if (!key.extractable) throw fail("InvalidAccessError", "the key is not extractable");
      if (format === "raw") return bytes.slice(0);
      if (format !== "jwk") throw fail("NotSupportedError", `the key format '${format}' isn't supported; use raw or jwk`);
      return { k: core.toBase64(bytes), kty: "oct", ext: true, key_ops: [...key.usages], alg: jwkName(key.algorithm) };
    }
    async sign(algorithm, key, data) {
      named(algorithm, "sign", ["HMAC"]);
      const bytes = material(key, "sign", "HMAC");
      return core.sign(key.algorithm.hash.name, bytes, core.bytes(data, "data"));
    }
    async verify(algorithm, key, signature, data) {
      named(algorithm, "verify", ["HMAC"]);
      const bytes = material(key, "verify", "HMAC");
      return core.verify(key.algorithm.hash.name, bytes, core.bytes(signature, "signature"), core.bytes(data, "data"));
    }
    async encrypt(algorithm, key, data) {
      const given = named(algorithm, "encrypt", ["AES-GCM"]);
      const bytes = material(key, "encrypt", "AES-GCM");
      return core.seal(bytes, ...gcm(given), core.bytes(data, "data"));
    }
    async decrypt(algorithm, key, data) {
      const given = named(algorithm, "decrypt", ["AES-GCM"]);
      const bytes = material(key, "decrypt", "AES-GCM");
      const text = core.open(bytes, ...gcm(given), core.bytes(data, "data"));
      if (!text) throw fail("OperationError", "could not decrypt ciphertext");
      return text;
    }
    async deriveBits(algorithm, key, length) {
      material(key, "deriveBits", "PBKDF2");
      return deriveBytes(algorithm, key, length);
    }
    async deriveKey(algorithm, key, derived, extractable, usages) {
      material(key, "deriveKey", "PBKDF2");
      const given = named(derived, "deriveKey", ["HMAC", "AES-GCM"]);
      return importBytes(deriveBytes(algorithm, key, lengthOf(given)), given, extractable, usages);
    }
    async wrapKey() {
      throw fail("NotSupportedError", "wrapKey() isn't supported");
    }
    async unwrapKey() {
      throw fail("NotSupportedError", "unwrapKey() isn't supported");
    }
  }

  const LARGEST = 65536;
  const isIntegers = (value) =>
    [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array].some((kind) => value instanceof kind);

  class Crypto {
    subtle = new SubtleCrypto();
    CryptoKey = CryptoKey;
    getRandomValues(array) {
      if (!isIntegers(array)) throw fail("TypeMismatchError", "getRandomValues() fills a TypedArray of integers");
      if (array.byteLength > LARGEST) throw fail("QuotaExceededError", `getRandomValues() fills at most ${LARGEST} bytes`);
      const view = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
      view.set(new Uint8Array(core.random(array.byteLength)));
      return array;
    }
    randomUUID() {
      return core.uuid();
    }
  }
  return new Crypto();
};
