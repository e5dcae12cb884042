// What scripts import from https://jslib.k6.io/k6-utils, written for loadgate from how it's documented.
import { check as checkNow } from "k6";
import exec from "k6/execution";

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

// A random UUID of version 4. `secure`: of the operating system's randomness, which no seed replays.
export function uuidv4(secure = false) {
  if (secure) return crypto.randomUUID();
  const word = () => Math.floor(Math.random() * 0x100000000);
  const hex = (number) => (number >>> 0).toString(16).padStart(8, "0");
  const a = hex(word());
  const b = hex((word() & 0xffff0fff) | 0x4000);
  const c = hex((word() & 0x3fffffff) | 0x80000000);
  const d = hex(word());
  return `${a}-${b.slice(0, 4)}-${b.slice(4)}-${c.slice(0, 4)}-${c.slice(4)}${d}`;
}

// A whole number from `min` to `max`, both included.
export function randomIntBetween(min, max) {
  return Math.floor(Math.random() * (max - min + 1) + min);
}

// One of the array's items.
export function randomItem(items) {
  return items[Math.floor(Math.random() * items.length)];
}

// `length` characters of `charset`.
export function randomString(length, charset = LETTERS) {
  let text = "";
  for (let count = 0; count < length; count++) text += charset[Math.floor(Math.random() * charset.length)];
  return text;
}

// What stands in `content` between `left` and `right`: the first, or with `repeat` all. `null` when there is none.
export function findBetween(content, left, right, repeat = false) {
  const found = [];
  let from = 0;
  for (;;) {
    const start = content.indexOf(left, from);
    if (start < 0) break;
    const end = content.indexOf(right, start + left.length);
    if (end < 0) break;
    const text = content.slice(start + left.length, end);
    if (!repeat) return text;
    found.push(text);
    from = end + right.length;
  }
  return repeat ? found : null;
}

// Stages along a bell curve that peaks at `maxVus`: a sixth of the time to rise from 0, four sixths along the curve, and a
// sixth to fall to 0.
export function normalDistributionStages(maxVus, durationSeconds, numberOfStages = 10) {
  const edge = Math.ceil(durationSeconds / 6);
  const along = Math.ceil((durationSeconds * 4) / 6 / numberOfStages);
  const stages = [];
  for (let step = 0; step <= numberOfStages; step++) {
    // From two standard deviations before the peak to two after it.
    const deviations = (4 * step) / numberOfStages - 2;
    const target = Math.round(maxVus * Math.exp(-(deviations ** 2) / 2));
    stages.push({ duration: `${step === 0 ? edge : along}s`, target });
  }
  stages.push({ duration: `${edge}s`, target: 0 });
  return stages;
}

const UNITS = { d: 86400000, h: 3600000, m: 60000, s: 1000, ms: 1, us: 0.001, "µs": 0.001, ns: 0.000001 };

// A duration such as "1h2m3.5s", or a number of milliseconds, in milliseconds.
export function parseDuration(text) {
  if (typeof text === "number") return text;
  const whole = String(text ?? "").trim();
  if (/^\d+(\.\d+)?$/.test(whole)) return Number(whole);
  if (!/^(\d+(\.\d+)?(ms|us|µs|ns|[dhms]))+$/.test(whole)) throw new Error(`the duration '${text}' must be a number with a unit, such as "1m30s"`);
  let sum = 0;
  for (const [, number, unit] of whole.matchAll(/([\d.]+)(ms|us|µs|ns|[dhms])/g)) sum += Number(number) * UNITS[unit];
  return sum;
}

const scenarioWithStages = (caller) => {
  const scenario = exec.test.options.scenarios?.[exec.scenario.name];
  if (!scenario) throw new Error(`${caller}() needs a scenario: no options are known for '${exec.scenario.name}'`);
  if (!scenario.stages?.length) throw new Error(`${caller}() needs a scenario with stages, and '${exec.scenario.name}' has none`);
  return scenario;
};

const indexOf = (scenario) => {
  let left = Date.now() - exec.scenario.startTime;
  const index = scenario.stages.findIndex((stage) => (left -= parseDuration(stage.duration)) < 0);
  return index < 0 ? scenario.stages.length - 1 : index;
};

// Which of its scenario's stages the iteration runs in, from 0.
export function getCurrentStageIndex() {
  return indexOf(scenarioWithStages("getCurrentStageIndex"));
}

const tag = (name, value) => {
  exec.vu.metrics.tags[name] = value;
};

// Gives what the iteration measures the tag `stage`: the stage's index.
export function tagWithCurrentStageIndex() {
  tag("stage", indexOf(scenarioWithStages("tagWithCurrentStageIndex")));
}

// Gives what the iteration measures the tag `stage_profile`: "ramp-up", "steady" or "ramp-down".
export function tagWithCurrentStageProfile() {
  const scenario = scenarioWithStages("tagWithCurrentStageProfile");
  const index = indexOf(scenario);
  const before = index > 0 ? scenario.stages[index - 1].target : Number(scenario.startVUs ?? scenario.startRate ?? 0);
  const target = scenario.stages[index].target;
  tag("stage_profile", target > before ? "ramp-up" : target < before ? "ramp-down" : "steady");
}

const isPromise = (value) => typeof value?.then === "function";

// k6's `check`, whose value and conditions may be asynchronous: then it returns a promise of the result.
export function check(value, conditions, tags) {
  if (isPromise(value)) return value.then((settled) => check(settled, conditions, tags));
  const names = Object.keys(conditions);
  const results = names.map((name) => (typeof conditions[name] === "function" ? conditions[name](value) : conditions[name]));
  const report = (settled) => {
    const outcomes = {};
    names.forEach((name, index) => {
      outcomes[name] = Boolean(settled[index]);
    });
    return tags === undefined ? checkNow(value, outcomes) : checkNow(value, outcomes, tags);
  };
  return results.some(isPromise) ? Promise.all(results).then(report) : report(results);
}
