// The class Element over `core`, and what its tag adds to it.
export default (core, select) => {
  const state = new WeakMap();
  const held = (element) => state.get(element);
  const of = (element) => {
    const found = held(element);
    if (!found) throw new TypeError("this method must be called on an Element");
    return found;
  };
  const make = (page, node, url) => {
    const element = Object.create(prototype(core.name(page, node)));
    state.set(element, { page, nodes: [node], url });
    return element;
  };
  const list = (selection) => selection.get();
  const near = (element, which) => {
    const { page, nodes, url } = of(element);
    const node = core.neighbour(page, nodes[0], which);
    return node === undefined ? undefined : make(page, node, url);
  };
  const own = (element) => {
    const { page, nodes, url } = of(element);
    return select(page, nodes, url);
  };
  const attribute = (element, name) => {
    const { page, nodes } = of(element);
    return core.attribute(page, nodes[0], name);
  };
  const words = (text) => ["\t", "\n", "\f", "\r"].reduce((text, blank) => text.replaceAll(blank, " "), text).split(" ").filter(Boolean);
  const root = (element) => own(element).parents().last();

  class Element {
    toString() {
      const name = this.nodeName();
      return this.nodeType() === 1 ? "[object html.Node]" : `[object ${name}]`;
    }
    selection() {
      return own(this);
    }
    id() {
      return attribute(this, "id") ?? "";
    }
    className() {
      return attribute(this, "class");
    }
    classList() {
      return words(attribute(this, "class") ?? "");
    }
    lang() {
      return attribute(this, "lang");
    }
    getAttribute(name) {
      return attribute(this, String(name));
    }
    getAttributeNode(name) {
      return this.attributes()[name];
    }
    hasAttribute(name) {
      return attribute(this, String(name)) !== undefined;
    }
    hasAttributes() {
      const { page, nodes } = of(this);
      return core.attributes(page, nodes[0]).length > 0;
    }
    attributes() {
      const { page, nodes } = of(this);
      const all = {};
      for (const [name, prefix, value] of core.attributes(page, nodes[0])) all[name] = new Attribute(this, name, prefix, value);
      return all;
    }
    nodeName() {
      const { page, nodes } = of(this);
      return core.name(page, nodes[0]);
    }
    nodeType() {
      const { page, nodes } = of(this);
      return core.type(page, nodes[0]);
    }
    nodeValue() {
      return this.nodeType() === 3 ? this.textContent() : this.nodeType() === 8 ? "" : undefined;
    }
    namespaceURI() {
      const { page, nodes } = of(this);
      return core.namespace(page, nodes[0]);
    }
    isDefaultNamespace() {
      return this.namespaceURI() === "http://www.w3.org/1999/xhtml";
    }
    textContent() {
      return own(this).text();
    }
    innerHTML() {
      return own(this).html();
    }
    ownerDocument() {
      const { page, url } = of(this);
      return make(page, 0, url);
    }
    parentNode() {
      return near(this, "parent");
    }
    parentElement() {
      return own(this).parent().get(0);
    }
    firstChild() {
      return near(this, "first");
    }
    lastChild() {
      return near(this, "last");
    }
    previousSibling() {
      return near(this, "previous");
    }
    nextSibling() {
      return near(this, "next");
    }
    firstElementChild() {
      return own(this).children().get(0);
    }
    lastElementChild() {
      return own(this).children().get(-1);
    }
    previousElementSibling() {
      return own(this).prev().get(0);
    }
    nextElementSibling() {
      return own(this).next().get(0);
    }
    hasChildNodes() {
      return this.firstChild() !== undefined;
    }
    childNodes() {
      return list(own(this).contents());
    }
    children() {
      return list(own(this).children());
    }
    childElementCount() {
      return own(this).children().size();
    }
    contains(other) {
      const inner = held(other);
      if (!inner) return false;
      const { page, nodes } = of(this);
      return inner.page === page && core.step(page, "find", nodes, inner.nodes).length > 0;
    }
    matches(selector) {
      return own(this).is(String(selector));
    }
    isSameNode(other) {
      const { page, nodes } = of(this);
      const { page: otherPage, nodes: otherNodes } = held(other) ?? {};
      return page === otherPage && nodes[0] === otherNodes[0];
    }
    isEqualNode(other) {
      return held(other) !== undefined && this.innerHTML() === other.innerHTML();
    }
    querySelector(selector) {
      return own(this).find(String(selector)).get(0);
    }
    querySelectorAll(selector) {
      return list(own(this).find(String(selector)));
    }
    getElementsByClassName(name) {
      return this.querySelectorAll("." + name);
    }
    getElementsByTagName(name) {
      return this.querySelectorAll(name);
    }
  }

  class Attribute {
    #prefix;
    constructor(element, name, prefix, value) {
      this.name = name;
      this.value = value;
      this.#prefix = prefix;
      Object.defineProperty(this, "owner_element", { value: element });
    }
    prefix() {
      return this.#prefix;
    }
    localName() {
      return this.name;
    }
    namespaceURI() {
      return { svg: "http://www.w3.org/2000/svg", math: "http://www.w3.org/1998/Math/MathML" }[this.#prefix] ?? "http://www.w3.org/1999/xhtml";
    }
  }

  // The tags whose elements have more methods.
  const TAGS = "a area audio video base button canvas data datalist del ins embed fieldset form iframe img input keygen label legend li link map meta meter object ol optgroup option output param pre progress quote script select source style table tbody thead tfoot tr col td th textarea time title track ul".split(" ");
  const prototypes = new Map();
  let methodsOf;
  const prototype = (name) => {
    if (!TAGS.includes(name)) return Element.prototype;
    methodsOf ??= core.loadTags()(core, { select, of, list, own, root, attribute });
    let found = prototypes.get(name);
    if (!found) {
      found = Object.assign(Object.create(Element.prototype), methodsOf(name));
      prototypes.set(name, found);
    }
    return found;
  };

  return { of: make, held };
};
