// The classes TextEncoder and TextDecoder over what encodes and decodes.
export default (encode, decode) => {
  const ENCODINGS = { utf8: "utf-8", "utf-8": "utf-8", "unicode-1-1-utf-8": "utf-8", "utf-16": "utf-16le", "utf-16le": "utf-16le", "utf-16be": "utf-16be" };

  class TextEncoder {
    encoding = "utf-8";
    encode(text) {
      return new Uint8Array(encode(text === undefined ? "" : text));
    }
    encodeInto(text, into) {
      let read = 0;
      let written = 0;
      for (const character of String(text)) {
        const bytes = this.encode(character);
        if (written + bytes.length > into.length) break;
        into.set(bytes, written);
        read += character.length;
        written += bytes.length;
      }
      return { read, written };
    }
  }

  class TextDecoder {
    constructor(label = "utf-8", options = {}) {
      const encoding = ENCODINGS[String(label).trim().toLowerCase()];
      if (!encoding) throw new RangeError(`unsupported encoding: ${label}`);
      this.encoding = encoding;
      this.fatal = Boolean(options?.fatal);
      this.ignoreBOM = Boolean(options?.ignoreBOM);
    }
    decode(data) {
      return decode(this.encoding, this.fatal, this.ignoreBOM, data);
    }
  }

  return { TextEncoder, TextDecoder };
};
