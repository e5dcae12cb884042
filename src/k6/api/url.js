// The classes URL and URLSearchParams over `core`, which parses and writes them.
export default (core) => {
  const PAIRS = new WeakMap();
  // What a URL's search parameters tell when they change.
  const OWNER = new WeakMap();

  const pairsOf = (init) => {
    if (init === undefined || init === null) return [];
    if (typeof init === "object" && typeof init[Symbol.iterator] === "function") {
      return Array.from(init, (pair) => {
        const [name, value, ...more] = pair;
        if (value === undefined || more.length) throw new TypeError("each pair must be a name and a value");
        return [String(name), String(value)];
      });
    }
    if (typeof init === "object") return Object.entries(init).map(([name, value]) => [name, String(value)]);
    return core.readQuery(String(init));
  };

  class URLSearchParams {
    constructor(init) {
      PAIRS.set(this, pairsOf(init));
    }
    get size() {
      return PAIRS.get(this).length;
    }
    append(name, value) {
      this.#replace([...PAIRS.get(this), [String(name), String(value)]]);
    }
    delete(name, value) {
      this.#replace(PAIRS.get(this).filter((pair) => pair[0] !== String(name) || (value !== undefined && pair[1] !== String(value))));
    }
    get(name) {
      return PAIRS.get(this).find((pair) => pair[0] === String(name))?.[1] ?? null;
    }
    getAll(name) {
      return PAIRS.get(this).filter((pair) => pair[0] === String(name)).map((pair) => pair[1]);
    }
    has(name, value) {
      return PAIRS.get(this).some((pair) => pair[0] === String(name) && (value === undefined || pair[1] === String(value)));
    }
    set(name, value) {
      let placed = false;
      const pairs = PAIRS.get(this).flatMap((pair) => {
        if (pair[0] !== String(name)) return [pair];
        if (placed) return [];
        placed = true;
        return [[String(name), String(value)]];
      });
      this.#replace(placed ? pairs : [...pairs, [String(name), String(value)]]);
    }
    sort() {
      this.#replace([...PAIRS.get(this)].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
    }
    forEach(callback, self) {
      for (const [name, value] of this) callback.call(self, value, name, this);
    }
    *entries() {
      for (const [name, value] of PAIRS.get(this)) yield [name, value];
    }
    *keys() {
      for (const [name] of PAIRS.get(this)) yield name;
    }
    *values() {
      for (const [, value] of PAIRS.get(this)) yield value;
    }
    [Symbol.iterator]() {
      return this.entries();
    }
    toString() {
      return core.writeQuery(PAIRS.get(this));
    }
    #replace(pairs) {
      PAIRS.set(this, pairs);
      OWNER.get(this)?.();
    }
  }

  class URL {
    #href;
    #params;
    constructor(url, base) {
      this.#href = core.parse(String(url), base === undefined ? undefined : String(base));
    }
    static canParse(url, base) {
      try {
        new URL(url, base);
        return true;
      } catch {
        return false;
      }
    }
    get href() {
      return this.#href;
    }
    set href(value) {
      this.#href = core.parse(String(value), undefined);
      this.#refresh();
    }
    get searchParams() {
      if (!this.#params) {
        this.#params = new URLSearchParams();
        this.#refresh();
        OWNER.set(this.#params, () => {
          this.#href = core.set(this.#href, "search", this.#params.toString());
        });
      }
      return this.#params;
    }
    toString() {
      return this.#href;
    }
    toJSON() {
      return this.#href;
    }
    static {
      for (const part of ["origin", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash"]) {
        Object.defineProperty(URL.prototype, part, {
          configurable: true,
          enumerable: true,
          get() {
            return core.get(this.#href, part);
          },
          set(value) {
            this.#href = core.set(this.#href, part, String(value));
            if (part === "search") this.#refresh();
          },
        });
      }
    }
    #refresh() {
      if (this.#params) PAIRS.set(this.#params, core.readQuery(core.get(this.#href, "search")));
    }
  }

  return { URL, URLSearchParams };
};
