// What an Element has by its tag.
export default (core, { select, of, list, own, root, attribute }) => {
  const address = (element, name, fallback) => {
    const value = attribute(element, name);
    const { url } = of(element);
    if (!url) return value ?? "";
    return value === undefined ? fallback ?? "" : core.resolve(url, value) ?? fallback ?? "";
  };

  // How a method reads an attribute; the method's name in lower case is the attribute's unless another is named.
  const text = (name) => function () {
    return attribute(this, name) ?? "";
  };
  const present = (name) => function () {
    return attribute(this, name) !== undefined;
  };
  const link = (name) => function () {
    return address(this, name);
  };
  const whole = (name, fallback) => function () {
    const value = attribute(this, name) ?? "";
    const digits = value.startsWith("-") || value.startsWith("+") ? value.slice(1) : value;
    return digits && [...digits].every((digit) => digit >= "0" && digit <= "9") ? Number(value) : fallback;
  };
  const oneOf = (name, fallback, values) => function () {
    const value = attribute(this, name) ?? "";
    return values.split(" ").includes(value) ? value : fallback;
  };
  const all = (read, names) => {
    const methods = {};
    for (const entry of names.split(" ")) {
      const [method, name] = entry.split("=");
      methods[method] = read(name ?? method.toLowerCase());
    }
    return methods;
  };
  const whereFound = (selector) => function () {
    return list(own(this).find(selector));
  };

  const form = (element) => {
    const around = own(element).closest("form");
    if (around.size()) return around;
    const id = attribute(element, "form");
    return id ? root(element).find(`form[id="${id}"]`) : undefined;
  };
  const owner = {
    form() {
      return form(this)?.get(0);
    },
  };
  const labels = {
    labels() {
      const id = attribute(this, "id");
      const around = own(this).closest("label");
      return list(id ? around.add(root(this).find(`label[for="${id}"]`)) : around);
    },
  };
  const referrer = {
    referrerPolicy: oneOf("referrerpolicy", "", "no-referrer no-referrer-when-downgrade origin origin-when-cross-origin unsafe-url"),
  };
  const crossOrigin = {
    crossOrigin() {
      const value = attribute(this, "crossorigin");
      return value === undefined ? undefined : value === "use-credentials" ? value : "anonymous";
    },
  };
  const ofForm = (element, name) => attribute(element, "form" + name) ?? form(element)?.attr(name);
  const field = {
    ...owner,
    ...labels,
    ...all(text, "name"),
    formAction() {
      const action = ofForm(this, "action");
      const { url } = of(this);
      if (!url) return action ?? "";
      return action ? core.resolve(url, action) ?? action : url;
    },
    formEnctype() {
      const type = ofForm(this, "enctype");
      return type === "multipart/form-data" || type === "text/plain" ? type : "application/x-www-form-urlencoded";
    },
    formMethod() {
      return (ofForm(this, "method") ?? "").toLowerCase() === "post" ? "post" : "get";
    },
    formNoValidate() {
      return ofForm(this, "novalidate") !== undefined;
    },
    formTarget() {
      return ofForm(this, "target") ?? "";
    },
  };
  const part = (index, before = "", after = "") => function () {
    const value = core.address(this.href())[index];
    return value ? before + value + after : "";
  };
  const href = {
    ...all(text, "download rel target type accessKey hrefLang"),
    ...all(link, "href"),
    ...referrer,
    toString() {
      return this.href();
    },
    text() {
      return this.textContent();
    },
    relList() {
      return (attribute(this, "rel") ?? "").split(" ").filter(Boolean);
    },
    username: part(1),
    password: part(2),
    hostname: part(3),
    port: part(4),
    pathname: part(5),
    search: part(6, "?"),
    hash: part(7, "#"),
    protocol() {
      return core.address(this.href())[0] || ":";
    },
    host() {
      const [, , , host, port] = core.address(this.href());
      return port ? `${host}:${port}` : host;
    },
    origin() {
      const [scheme] = core.address(this.href());
      return scheme === "" ? "" : scheme === "file" ? this.href() : `${scheme}://${this.host()}`;
    },
  };
  const media = {
    ...all(present, "autoplay controls loop muted defaultMuted=muted"),
    ...all(text, "currentSrc=src mediaGroup"),
    ...all(link, "src"),
    ...crossOrigin,
    preload: oneOf("preload", "auto", "metadata none"),
    textTracks: whereFound("track"),
  };
  const enctype = (name) => oneOf(name, "application/x-www-form-urlencoded", "multipart/form-data text/plain");
  const controls = whereFound("input,select,button,textarea,fieldset");
  const value = {
    value() {
      const { page, nodes } = of(this);
      return core.optionValue(page, nodes[0]);
    },
  };
  const content = {
    text() {
      return this.textContent();
    },
  };
  const place = (around, among) => function () {
    const { page, nodes } = of(this);
    const outer = own(this).parents(around);
    return outer.size() ? outer.find(among).index(select(page, nodes, "")) : -1;
  };
  const ratio = (fallback) => function () {
    const value = Number(attribute(this, "value") ?? NaN);
    return value >= 0 ? value / this.max() : fallback;
  };
  const modified = all(text, "cite datetime");
  const rows = { rows: whereFound("tr") };
  const cell = {
    ...all(text, "headers"),
    colSpan: whole("colspan", 1),
    rowSpan: whole("rowspan", 1),
    cellIndex: place("tr", "th,td"),
  };
  const child = (tag) => function () {
    return own(this).children(tag).get(0);
  };
  const onOff = { autocomplete: oneOf("autocomplete", "on", "off") };

  const methods = {
    a: () => href,
    area: () => href,
    audio: () => media,
    video: () => media,
    base: () => ({
      ...all(text, "target"),
      href() {
        return address(this, "href", of(this).url);
      },
    }),
    button: () => ({ ...field, ...value, ...all(text, "accessKey"), ...all(present, "autofocus disabled"), tabIndex: whole("tabindex", 0), type: oneOf("type", "submit", "button menu reset") }),
    canvas: () => ({ width: whole("width", 150), height: whole("height", 150) }),
    data: () => all(text, "value"),
    datalist: () => ({ options: whereFound("option") }),
    del: () => modified,
    ins: () => modified,
    embed: () => all(text, "height width src type"),
    fieldset: () => ({ ...owner, ...all(present, "disabled"), ...all(text, "name"), type: () => "fieldset", elements: whereFound("input,select,button,textarea"), validity: () => undefined }),
    form: () => ({
      ...all(link, "action"),
      ...all(text, "name target acceptCharset=accept-charset"),
      ...all(enctype, "enctype encoding=enctype"),
      ...all(present, "noValidate"),
      ...onOff,
      method: oneOf("method", "get", "post"),
      elements: controls,
      length() {
        return this.elements().length;
      },
    }),
    iframe: () => ({ ...all(text, "height width name"), ...all(link, "src"), ...all(present, "allowfullscreen"), ...referrer }),
    img: () => ({ ...all(text, "sizes srcset alt name useMap"), ...all(link, "src currentSrc=src"), ...all(present, "isMap"), ...crossOrigin, ...referrer, height: whole("height", 0), width: whole("width", 0) }),
    input: () => ({
      ...field,
      ...all(text, "value defaultValue=value alt height width accept pattern placeholder min max dirName accessKey step"),
      ...all(link, "src"),
      ...all(present, "disabled autofocus required checked defaultChecked=checked readonly multiple"),
      ...onOff,
      tabIndex: whole("tabindex", 0),
      maxLength: whole("maxlength", -1),
      size: whole("size", 0),
      type: oneOf("type", "text", "button checkbox color date datetime-local email file hidden image month number password radio range reset search submit tel time url week"),
      list() {
        const id = attribute(this, "list");
        if (!id || ["hidden", "checkbox", "radio", "file", "button"].includes(attribute(this, "type"))) return undefined;
        return root(this).find(`datalist[id="${id}"]`).get(0);
      },
    }),
    keygen: () => ({ ...owner, ...labels, ...all(present, "autofocus disabled"), ...all(text, "challenge name"), keytype: oneOf("keytype", "RSA", "DSA EC"), type: () => "keygen" }),
    label: () => ({
      ...owner,
      ...all(text, "htmlFor=for"),
      control() {
        const id = attribute(this, "for");
        return id === undefined ? undefined : root(this).find(`[id="${id}"]`).get(0);
      },
    }),
    legend: () => ({ ...owner, ...all(text, "accessKey") }),
    li: () => ({ value: whole("value", 0), type: oneOf("type", "", "1 a A i I disc square circle") }),
    link: () => ({ ...all(text, "hreflang media rel target type"), ...all(link, "href"), ...crossOrigin, ...referrer, relList: href.relList }),
    map: () => ({
      ...all(text, "name"),
      areas: whereFound("area"),
      images() {
        const name = attribute(this, "id") ?? attribute(this, "name");
        return name === undefined ? [] : list(root(this).find(`img[usemap="#${name}"],object[usemap="#${name}"]`));
      },
    }),
    meta: () => ({ ...all(text, "content name"), httpEquiv: oneOf("http-equiv", "content-type", "content-type default-style refresh") }),
    meter: () => ({ ...labels, ...all((name) => whole(name, 0), "min max high low optimum") }),
    object: () => ({ ...owner, ...all(link, "data"), ...all(text, "height name type useMap width"), ...all(present, "typeMustMatch"), tabIndex: whole("tabindex", 0) }),
    ol: () => ({ ...all(present, "reversed"), start: whole("start", 0), type: oneOf("type", "1", "a A i I") }),
    optgroup: () => ({ ...all(present, "disabled"), ...all(text, "label") }),
    option: () => ({
      ...value,
      ...content,
      ...all(present, "selected defaultSelected=selected"),
      disabled() {
        return attribute(this, "disabled") !== undefined || own(this).parents("optgroup").attr("disabled") !== undefined;
      },
      form() {
        const around = own(this).parents("form");
        if (around.size()) return around.get(0);
        const id = own(this).parents("select").attr("form");
        return id === undefined ? undefined : root(this).find(`form[id="${id}"]`).get(0);
      },
      index() {
        return Math.max(0, place("select,datalist", "option").call(this));
      },
      label() {
        return attribute(this, "label") ?? this.textContent();
      },
    }),
    output: () => ({ ...owner, ...labels, ...all(text, "htmlFor=for name"), type: () => "output", value: content.text, defaultValue: content.text }),
    param: () => all(text, "name value"),
    pre: () => all(text, "name value"),
    progress: () => ({
      ...labels,
      value: ratio(0),
      position: ratio(-1),
      max() {
        const max = Number(attribute(this, "max") ?? NaN);
        return max >= 0 ? max : 1;
      },
    }),
    quote: () => all(text, "cite"),
    script: () => ({ ...content, ...all(text, "crossOrigin type charset"), ...all(link, "src"), ...all(present, "async defer noModule") }),
    select: () => ({
      ...owner,
      ...labels,
      ...all(present, "autofocus disabled multiple required"),
      ...all(text, "name"),
      tabIndex: whole("tabindex", 0),
      options: whereFound("option"),
      selectedOptions: whereFound("option[selected]"),
      length() {
        return this.options().length;
      },
      selectedIndex() {
        const selected = own(this).find("option[selected]");
        return selected.size() ? own(this).find("option").index(selected) : -1;
      },
      size() {
        return this.multiple() ? 4 : 1;
      },
      type() {
        return this.multiple() ? "select-multiple" : "select";
      },
      value() {
        return this.selectedOptions()[0]?.value() ?? "";
      },
    }),
    source: () => ({ ...all(text, "keySystem media sizes srcset type"), ...all(link, "src") }),
    style: () => ({
      ...all(text, "media"),
      type() {
        return attribute(this, "type") || "text/css";
      },
    }),
    table: () => ({ ...rows, ...all(present, "sortable"), caption: child("caption"), tHead: child("thead"), tFoot: child("tfoot"), tBodies: whereFound("tbody") }),
    tbody: () => rows,
    thead: () => rows,
    tfoot: () => rows,
    tr: () => ({ cells: whereFound("th,td"), rowIndex: place("table", "tr"), sectionRowIndex: place("thead,tbody,tfoot", "tr") }),
    col: () => ({
      span() {
        return Math.max(1, whole("span", 1).call(this));
      },
    }),
    td: () => cell,
    th: () => ({ ...cell, ...all(text, "abbr"), ...all(present, "sorted"), scope: oneOf("scope", "", "row col colgroup rowgroup") }),
    textarea: () => ({
      ...owner,
      ...labels,
      ...all(text, "value defaultValue=value placeholder accessKey"),
      ...all(present, "readOnly required"),
      ...onOff,
      rows: whole("rows", 0),
      cols: whole("cols", 0),
      maxLength: whole("maxlength", 0),
      tabIndex: whole("tabindex", 0),
      type: () => "textarea",
      autocapitalize: oneOf("autocapitalize", "sentences", "none off characters words"),
      wrap: oneOf("wrap", "soft", "hard off"),
      length() {
        return this.value().length;
      },
    }),
    time: () => all(text, "datetime"),
    title: () => content,
    track: () => ({ ...all(text, "srclang label"), ...all(link, "src"), ...all(present, "default"), kind: oneOf("kind", "subtitle", "captions descriptions chapters metadata") }),
    ul: () => all(text, "type"),
  };

  return (name) => methods[name]();
};
