// What scripts import from https://jslib.k6.io/k6-summary, written for loadgate from what it prints.

const COLORS = { bold: 1, faint: 2, red: 31, green: 32, cyan: 36 };
const CHECK = "✓";
const CROSS = "✗";

const painter = (enabled) => (text, ...colors) =>
  enabled ? `\x1b[${colors.map((color) => COLORS[color]).join(";")}m${text}\x1b[0m` : text;

// As wide as it's printed: what makes a letter of several characters counts once.
const width = (text) => [...text.normalize("NFKC").replace(/\p{Mark}/gu, "")].length;
const pad = (text, to) => text + " ".repeat(Math.max(0, to - width(text)));

const truncated = (value, digits) => String(Number((Math.trunc(value * 10 ** digits) / 10 ** digits).toFixed(digits)));
const rounded = (value, digits) => String(Number(value.toFixed(digits)));

const BYTES = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

const humanizeBytes = (bytes) => {
  if (bytes < 10) return `${bytes} B`;
  const power = Math.min(BYTES.length - 1, Math.floor(Math.log10(bytes) / 3));
  const scaled = Math.floor((bytes / 1000 ** power) * 10 + 0.5) / 10;
  return `${scaled.toFixed(scaled < 10 ? 1 : 0)} ${BYTES[power]}`;
};

const FIXED_UNITS = { s: [0.001, "s"], ms: [1, "ms"], us: [1000, "µs"] };

const humanizeDuration = (milliseconds, unit) => {
  if (unit && FIXED_UNITS[unit]) return (milliseconds * FIXED_UNITS[unit][0]).toFixed(2) + FIXED_UNITS[unit][1];
  if (milliseconds === 0) return "0s";
  if (milliseconds < 0.001) return `${Math.trunc(milliseconds * 1000000)}ns`;
  if (milliseconds < 1) return `${truncated(milliseconds * 1000, 2)}µs`;
  if (milliseconds < 1000) return `${truncated(milliseconds, 2)}ms`;
  if (milliseconds < 60000) return `${truncated(milliseconds / 1000, 2)}s`;
  const seconds = Math.trunc(milliseconds / 1000);
  const minutes = Math.trunc(seconds / 60);
  const hours = Math.trunc(minutes / 60);
  return `${hours ? `${hours}h${minutes % 60}` : minutes}m${seconds % 60}s`;
};

// A value of `metric` for people: "12.34ms", "1.2 kB", "99.99%", "0.123457".
export function humanizeValue(value, metric, timeUnit) {
  if (metric.type === "rate") return `${(Math.trunc(value * 10000) / 100).toFixed(2)}%`;
  if (metric.contains === "data") return humanizeBytes(value);
  if (metric.contains === "time") return humanizeDuration(value, timeUnit);
  return rounded(value, 6);
}

const checkLines = (check, indent, paint) => {
  if (check.fails === 0) return [paint(`${indent}${CHECK} ${check.name}`, "green")];
  const share = Math.floor((100 * check.passes) / (check.passes + check.fails));
  const detail = `${indent} ↳  ${share}% — ${CHECK} ${check.passes} / ${CROSS} ${check.fails}`;
  return [paint(`${indent}${CROSS} ${check.name}\n${detail}`, "red")];
};

const groupLines = (group, indent, paint) => {
  const lines = [];
  let inner = indent;
  if (group.name) {
    lines.push(`${indent}█ ${group.name}`, "");
    inner += "  ";
  }
  for (const check of group.checks ?? []) lines.push(...checkLines(check, inner, paint));
  if (group.checks?.length) lines.push("");
  for (const subgroup of group.groups ?? []) lines.push(...groupLines(subgroup, inner, paint));
  return lines;
};

// A metric's figures but a trend's: the first, and what is printed fainter beside it.
const figures = (metric, timeUnit) => {
  const { values } = metric;
  const human = (value) => humanizeValue(value, metric, timeUnit);
  switch (metric.type) {
    case "counter":
      return [human(values.count), `${human(values.rate)}/s`];
    case "gauge":
      return [human(values.value), `min=${human(values.min)}`, `max=${human(values.max)}`];
    case "rate":
      return [human(values.rate), `${values.passes} out of ${values.passes + values.fails}`];
    default:
      return ["[no data]"];
  }
};

const trendFigure = (metric, stat, timeUnit) =>
  stat === "count" ? String(metric.values[stat]) : humanizeValue(metric.values[stat], metric, timeUnit);

const widest = (rows) => {
  const widths = [];
  for (const row of rows) row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, width(cell))));
  return widths;
};

// "http_req_duration{a:b}" is shown beneath "http_req_duration" as "{ a:b }".
const shown = (name) => {
  const brace = name.indexOf("{");
  return brace < 0 ? { text: name, nested: "" } : { text: `{ ${name.slice(brace + 1, -1)} }`, nested: "  " };
};

const byName = (a, b) => {
  const [first, second] = [a, b].map((name) => name.split("{")[0]);
  return first !== second ? (first < second ? -1 : 1) : a < b ? -1 : 1;
};

const mark = (metric, paint) => {
  const thresholds = Object.values(metric.thresholds ?? {});
  if (thresholds.length === 0) return " ";
  return thresholds.every((threshold) => threshold.ok) ? paint(CHECK, "green") : paint(CROSS, "red");
};

const metricLines = (data, options, paint) => {
  const names = Object.keys(data.metrics).sort(byName);
  const stats = options.summaryTrendStats;
  const cells = {};
  for (const name of names) {
    const metric = data.metrics[name];
    cells[name] =
      metric.type === "trend"
        ? stats.map((stat) => trendFigure(metric, stat, options.summaryTimeUnit))
        : figures(metric, options.summaryTimeUnit);
  }
  const isTrend = (name) => data.metrics[name].type === "trend";
  const trendWidths = widest(names.filter(isTrend).map((name) => cells[name]));
  const otherWidths = widest(names.filter((name) => !isTrend(name)).map((name) => cells[name]));
  const labels = Math.max(0, ...names.map((name) => width(shown(name).nested + shown(name).text)));
  return names.map((name) => {
    const { text, nested } = shown(name);
    const dots = ".".repeat(labels - width(nested + text) + 3) + ":";
    const row = cells[name];
    const line = isTrend(name) ? trendRow(row, stats, trendWidths, paint) : otherRow(row, otherWidths, paint);
    return `${options.indent}  ${nested}${mark(data.metrics[name], paint)} ${text}${paint(dots, "faint")} ${line}`;
  });
};

const trendRow = (row, stats, widths, paint) =>
  row.map((cell, index) => `${stats[index]}=${paint(cell, "cyan")}${" ".repeat(widths[index] - width(cell))}`).join(" ");

const otherRow = ([first, ...more], [firstWidth, ...widths], paint) => {
  const gap = " ".repeat(firstWidth - width(first));
  if (more.length === 1) return `${paint(first, "cyan")}${gap} ${paint(more[0], "cyan", "faint")}`;
  const rest = more.map((cell, index) => ` ${paint(cell, "cyan", "faint")}${" ".repeat(widths[index] - width(cell))}`);
  return `${paint(first, "cyan")}${gap}${rest.join("")}`;
};

const DEFAULT_STATS = ["avg", "min", "med", "max", "p(90)", "p(95)"];

// The summary at a test's end, as text. Options: `indent` before each line, and `enableColors`.
export function textSummary(data, options = {}) {
  const settled = {
    indent: options.indent ?? " ",
    summaryTimeUnit: options.summaryTimeUnit ?? data.options?.summaryTimeUnit,
    summaryTrendStats: options.summaryTrendStats ?? data.options?.summaryTrendStats ?? DEFAULT_STATS,
  };
  const paint = painter(options.enableColors ?? true);
  const groups = data.root_group ? groupLines(data.root_group, settled.indent + "    ", paint) : [];
  return [...groups, ...metricLines(data, settled, paint)].join("\n");
}

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#039;" };
const xml = (text) => String(text).replace(/[&<>"']/g, (character) => ESCAPES[character]);

// The thresholds as test cases in JUnit's format. Options: the suite's `name`, and the cases' `classname`.
export function jUnit(data, options = {}) {
  const name = options.name ?? "k6 thresholds";
  const classname = options.classname ?? "Unnamed folder";
  const cases = [];
  let failures = 0;
  for (const [metric, { thresholds }] of Object.entries(data.metrics)) {
    for (const [threshold, { ok }] of Object.entries(thresholds ?? {})) {
      const head = `<testcase name="${xml(metric)} - ${xml(threshold)}" classname="${xml(classname)}"`;
      if (ok) {
        cases.push(`${head} />`);
      } else {
        failures++;
        cases.push(`${head}><failure message="failed" /></testcase>`);
      }
    }
  }
  const counts = `tests="${cases.length}" failures="${failures}"`;
  return `<?xml version="1.0"?>\n<testsuites ${counts}>\n<testsuite name="${xml(name)}" ${counts}>${cases.map((line) => "\n" + line).join("")}\n</testsuite>\n</testsuites>`;
}
