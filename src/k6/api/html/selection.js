// The class Selection over `core`: a page, and the numbers of its nodes that are selected.
export default (core) => {
  const state = new WeakMap();
  const of = (selection) => {
    const found = state.get(selection);
    if (!found) throw new TypeError("this method must be called on a Selection");
    return found;
  };
  const make = (page, nodes, url, before) => {
    const selection = new Selection(url);
    state.set(selection, { page, nodes, before });
    return selection;
  };
  // The class Element, once there is one.
  let Element;
  const element = (page, node, url) => {
    if (node === undefined) return undefined;
    Element ??= core.loadElement()(core, (page, nodes, url) => make(page, nodes, url));
    return Element.of(page, node, url);
  };
  const heldBy = (value) => (value instanceof Selection ? of(value) : Element?.held(value));

  // What a step takes: a selector, a Selection or an Element.
  const test = (page, value, optional) => {
    if (value === undefined && optional) return undefined;
    if (typeof value === "string") return value;
    const held = heldBy(value);
    if (!held) {
      throw new TypeError(`invalid argument: a selector, a Selection or an Element is needed, not ${describe(value)}`);
    }
    return held.page === page ? held.nodes : [];
  };
  const describe = (value) => (value === null ? "null" : typeof value === "object" ? "an object" : `${typeof value} '${String(value)}'`);
  const step = (selection, name, value, filter, optional = true) => {
    const { page, nodes } = of(selection);
    const found = core.step(page, name, nodes, test(page, value ?? undefined, optional), test(page, filter ?? undefined, true));
    return make(page, found, selection.url, selection);
  };
  const byFunction = (selection, choose, wanted) => {
    const { page, nodes } = of(selection);
    const chosen = nodes.filter((node, index) => Boolean(choose(index, make(page, [node], selection.url, selection))) === wanted);
    return make(page, chosen, selection.url, selection);
  };
  const needFunction = (method, value) => {
    if (typeof value !== "function") throw new TypeError(`the argument to ${method}() must be a function`);
  };
  const needTest = (method, value) => {
    if (typeof value !== "string" && !heldBy(value)) {
      throw new TypeError(`the argument to ${method}() must be a function, a selector or a selection`);
    }
  };

  class Selection {
    constructor(url) {
      this.url = url;
    }
    add(other) {
      return step(this, "add", other, undefined, false);
    }
    find(selector) {
      return step(this, "find", selector, undefined, false);
    }
    single(selector) {
      return step(this, "find", selector, undefined, false).first();
    }
    closest(selector) {
      return step(this, "closest", selector, undefined, false);
    }
    has(selector) {
      return step(this, "has", selector, undefined, false);
    }
    not(value) {
      return typeof value === "function" ? byFunction(this, value, false) : step(this, "not", value, undefined, false);
    }
    filter(value) {
      if (typeof value === "function") return byFunction(this, value, true);
      needTest("filter", value);
      return step(this, "filter", value);
    }
    is(value) {
      if (typeof value === "function") return byFunction(this, value, true).size() > 0;
      needTest("is", value);
      return step(this, "filter", value).size() > 0;
    }
    contents() {
      return step(this, "contents");
    }
    end() {
      const { page, before } = of(this);
      return before ?? make(page, [], this.url);
    }
    eq(index) {
      const { page, nodes } = of(this);
      const node = nodes.at(index);
      return make(page, node === undefined ? [] : [node], this.url, this);
    }
    first() {
      return this.eq(0);
    }
    last() {
      return this.eq(-1);
    }
    slice(start, end) {
      const { page, nodes } = of(this);
      return make(page, nodes.slice(start, end), this.url, this);
    }
    size() {
      return of(this).nodes.length;
    }
    get(index) {
      const { page, nodes } = of(this);
      if (index === undefined) return nodes.map((node) => element(page, node, this.url));
      return element(page, nodes.at(index), this.url);
    }
    toArray() {
      const { page, nodes } = of(this);
      return nodes.map((node) => make(page, [node], this.url, this));
    }
    each(callback) {
      needFunction("each", callback);
      const { page, nodes } = of(this);
      nodes.forEach((node, index) => callback(index, element(page, node, this.url)));
      return this;
    }
    map(callback) {
      needFunction("map", callback);
      return this.toArray().map((selection, index) => callback(index, selection));
    }
    index(value) {
      const { page, nodes } = of(this);
      if (value === undefined) return nodes.length ? core.step(page, "prevAll", [nodes[0]]).length : -1;
      if (typeof value === "string") return core.step(page, "find", [0], value).indexOf(nodes[0]);
      const held = heldBy(value);
      return held && held.page === page && held.nodes.length ? nodes.indexOf(held.nodes[0]) : -1;
    }
    attr(name, fallback) {
      const { page, nodes } = of(this);
      const value = nodes.length ? core.attribute(page, nodes[0], String(name)) : undefined;
      return value === undefined ? fallback : value;
    }
    data(name) {
      const { page, nodes } = of(this);
      const all = nodes.length ? core.attributes(page, nodes[0]) : [];
      if (all.length === 0) return undefined;
      if (name !== undefined) {
        return readData(core.attribute(page, nodes[0], "data-" + dashed(String(name))));
      }
      const data = {};
      for (const [attribute, , value] of all) {
        if (!attribute.startsWith("data-") || attribute.length === 5) continue;
        data[camelCase(attribute.slice(5))] = readData(value);
      }
      return data;
    }
    html() {
      const { page, nodes } = of(this);
      return nodes.length ? core.html(page, nodes[0]) : "";
    }
    text() {
      const { page, nodes } = of(this);
      return core.text(page, nodes);
    }
    val() {
      const { page, nodes } = of(this);
      return nodes.length ? core.value(page, nodes[0]) : undefined;
    }
    serializeArray() {
      const { page, nodes } = of(this);
      return core.fields(page, nodes).map((node) => ({ name: core.attribute(page, node, "name"), value: core.value(page, node) }));
    }
    serializeObject() {
      const fields = {};
      for (const { name, value } of this.serializeArray()) fields[name] = value;
      return fields;
    }
    serialize() {
      const fields = Object.entries(this.serializeObject());
      return core.serialize(fields.flatMap(([name, value]) => [value].flat().map((one) => [name, one ?? ""])));
    }
  }
  for (const name of ["children", "next", "nextAll", "parent", "parents", "prev", "prevAll", "siblings"]) {
    Selection.prototype[name] = function (selector) {
      return step(this, name, selector);
    };
  }
  for (const name of ["nextUntil", "parentsUntil", "prevUntil"]) {
    Selection.prototype[name] = function (until, filter) {
      return step(this, name, until === "" ? undefined : until, filter);
    };
  }

  // As k6 names data: what Go writes in capitals is all capitals, as in `userID`.
  const CAPITALS = "ACL API ASCII CPU CSS DNS EOF GUID HTML HTTP HTTPS ID IP JSON LHS QPS RAM RHS RPC SLA SMTP SQL SSH TCP TLS TTL UDP UI UID UUID URI URL UTF8 VM XML XMPP XSRF XSS".split(" ");
  const camelCase = (name) => {
    const [first, ...words] = name.split("-");
    return first + words.map((word) => (CAPITALS.includes(word.toUpperCase()) ? word.toUpperCase() : word.slice(0, 1).toUpperCase() + word.slice(1))).join("");
  };

  const isCapital = (letter) => letter >= "A" && letter <= "Z";
  const dashed = (name) => {
    let text = "";
    let before = "";
    for (const letter of name) {
      text += isCapital(letter) && before && !isCapital(before) ? "-" + letter : letter;
      before = letter;
    }
    return text.toLowerCase();
  };

  // A data attribute's value: JSON, a truth, or a number where its text is what the number prints as.
  const readData = (text) => {
    if (text === undefined || text === "" || text === "null" || text === "undefined") return undefined;
    if (text === "true" || text === "false") return text === "true";
    if (text[0] === "{" || text[0] === "[") {
      try {
        return JSON.parse(text);
      } catch {
        return text;
      }
    }
    return String(Number(text)) === text && Number.isFinite(Number(text)) ? Number(text) : text;
  };

  return (page, nodes, url) => make(page, nodes, url);
};
