//! Random programs over k6's API, with right and wrong arguments.

use rand::RngExt;
use rand::seq::IndexedRandom;

use super::Random;
use super::run::Case;

const VALUES: &str = include_str!("values.js");
const WALK: &str = include_str!("walk.js");

const IMPORTS: &str = "\
import http from 'k6/http';
import * as k6 from 'k6';
import { check, group, sleep, fail } from 'k6';
import exec from 'k6/execution';
import * as metrics from 'k6/metrics';
import { SharedArray } from 'k6/data';
import crypt from 'k6/crypto';
import encoding from 'k6/encoding';
import { parseHTML } from 'k6/html';
import * as timers from 'k6/timers';
";

/// Functions of the API. `R` is a response, `S` a selection, `M` a metric, `J` a jar.
const FUNCTIONS: &[&str] = &[
    "http.get",
    "http.post",
    "http.put",
    "http.del",
    "http.head",
    "http.patch",
    "http.options",
    "http.request",
    "http.asyncRequest",
    "http.batch",
    "http.file",
    "http.url",
    "http.cookieJar",
    "http.expectedStatuses",
    "http.setResponseCallback",
    "new http.CookieJar",
    "check",
    "group",
    "fail",
    "k6.randomSeed",
    "exec.vu.tags.toString",
    "new metrics.Counter",
    "new metrics.Trend",
    "new metrics.Rate",
    "new metrics.Gauge",
    "M.add",
    "M.add.call",
    "new SharedArray",
    "SharedArray",
    "crypt.sha256",
    "crypt.hmac",
    "crypt.createHash",
    "crypt.createHMAC",
    "crypt.randomBytes",
    "crypt.md5",
    "encoding.b64encode",
    "encoding.b64decode",
    "parseHTML",
    "timers.setTimeout",
    "timers.clearTimeout",
    "setTimeout",
    "clearInterval",
    "open",
    "console.log",
    "console.error",
    "R.json",
    "R.html",
    "R.submitForm",
    "R.clickLink",
    "R.toJSON",
    "R.json.call",
    "R.html.call",
    "S.find",
    "S.each",
    "S.map",
    "S.filter",
    "S.attr",
    "S.text",
    "S.is",
    "S.eq",
    "S.not",
    "S.has",
    "S.children",
    "S.closest",
    "S.slice",
    "S.val",
    "S.data",
    "S.serialize",
    "S.serializeArray",
    "S.serializeObject",
    "S.toArray",
    "S.get",
    "S.find.call",
    "J.set",
    "J.cookiesForURL",
    "J.clear",
    "J.delete",
    "J.set.call",
    "crypto.getRandomValues",
    "crypto.randomUUID",
    "crypto.subtle.digest",
    "crypto.subtle.importKey",
    "crypto.subtle.sign",
    "crypto.subtle.encrypt",
    "crypto.subtle.generateKey",
    "crypto.subtle.deriveBits",
    "new URL",
    "new URLSearchParams",
    "new TextEncoder",
    "new TextDecoder",
    "new TextDecoder().decode",
    "new TextEncoder().encode",
    "new TextEncoder().encodeInto",
    "JSON.stringify",
    "JSON.parse",
    "Reflect.ownKeys",
    "Object.keys",
    "Object.freeze",
    "structuredClone",
    "String",
    "Object.setPrototypeOf",
    "Object.assign",
    "Array.from",
    "eval",
    "new Function",
    "Proxy",
    "new Proxy",
    "import",
];

const EXPRESSIONS: &[&str] = &[
    "R",
    "S",
    "M",
    "J",
    "R.body",
    "R.headers",
    "R.timings",
    "R.request",
    "R.cookies",
    "R.status",
    "__ENV",
    "__VU",
    "__ITER",
    "exec.scenario.name",
    "exec.scenario.progress",
    "exec.test.options",
    "exec.instance.vusActive",
    "exec.vu.tags",
    "exec.vu.metrics",
    "exec.vu.idInTest",
    "http",
    "exec",
    "k6",
    "metrics",
    "crypto",
    "console",
    "globalThis",
    "options",
];

/// A program that calls functions by name.
pub fn calls(random: &mut Random) -> Case {
    let mut text = begin(random);
    let (init, work) = (statements(random, 4), statements(random, 14));
    text.push_str(&format!(
        "export const options = {};\n{init}\n{}export default {}function (data) {{\n{HANDLES}\n{work}\n}}\n",
        options(random),
        brackets(random),
        if random.random_bool(0.3) { "async " } else { "" },
    ));
    of(text)
}

/// A program that calls whatever it finds.
pub fn walks(random: &mut Random) -> Case {
    let mut text = begin(random);
    let roots = [
        "http",
        "k6",
        "exec",
        "metrics",
        "crypt",
        "encoding",
        "timers",
        "crypto",
        "R",
        "S",
        "M",
        "J",
        "new URL(BASE)",
        "new URLSearchParams('a=1')",
        "globalThis",
        "console",
        "new TextDecoder()",
        "new SharedArray('w', () => [1, {}])",
    ];
    let root = |random: &mut Random| roots.choose(random).copied().unwrap_or("http");
    let (one, two, in_init) = (root(random), root(random), random.random_bool(0.2));
    text.push_str(&format!("let left = 300;\n{WALK}\nexport const options = {};\n", bounded("{}")));
    if in_init {
        let root = if matches!(one, "R" | "S" | "M" | "J") { "http" } else { one };
        text.push_str(&format!("attempt(() => walk({root}, 0));\n"));
    }
    text.push_str(&brackets(random));
    text.push_str(&format!(
        "export default function (data) {{\n{HANDLES}\nleft = 300;\nattempt(() => walk({one}, 0));\n\
         left = 200;\nattempt(() => walk({two}, 0));\n}}\n"
    ));
    of(text)
}

const HANDLES: &str = "const R = attempt(() => http.get(BASE + '/' + 'x'.repeat(rand(7))));\n\
    const S = attempt(() => parseHTML('<ul id=a><li class=b>1<li>2</ul><form><input name=c></form>').find('li'));\n\
    const J = attempt(() => http.cookieJar());";

fn of(text: String) -> Case {
    Case { name: String::new(), files: vec![("script.js".into(), text.into_bytes())], args: Vec::new(), says: None }
}

fn begin(random: &mut Random) -> String {
    let seed: u32 = random.random_range(1..1 << 30);
    format!(
        "{IMPORTS}const SEED = {seed};\nconst BASE = __ENV.BASE_URL;\n{VALUES}\nconst M = new metrics.Trend('mm');\n"
    )
}

/// Options that end the run soon, whatever the script does.
pub fn bounded(more: &str) -> String {
    format!(
        "Object.assign({{ scenarios: {{ s: {{ executor: 'shared-iterations', vus: 2, iterations: 2, \
         maxDuration: '1s', gracefulStop: '0s' }} }} }}, {more})"
    )
}

/// Options of any shape.
fn options(random: &mut Random) -> String {
    if random.random_bool(0.6) {
        return bounded("{}");
    }
    const NAMES: &[&str] = &[
        "vus",
        "iterations",
        "duration",
        "stages",
        "thresholds",
        "tags",
        "userAgent",
        "batch",
        "batchPerHost",
        "rps",
        "noCookiesReset",
        "throw",
        "hosts",
        "dns",
        "tlsVersion",
        "tlsAuth",
        "systemTags",
        "summaryTrendStats",
        "ext",
        "setupTimeout",
        "minIterationDuration",
        "blockHostnames",
        "blacklistIPs",
        "maxRedirects",
        "discardResponseBodies",
        "executionSegment",
        "executionSegmentSequence",
        "paused",
        "scenarios",
        "summaryTimeUnit",
        "cloud",
        "localIPs",
    ];
    const SHAPES: &[&str] = &[
        "'1s'",
        "'0s'",
        "'-1s'",
        "'abc'",
        "1",
        "0",
        "-1",
        "1.5",
        "'2'",
        "[]",
        "{}",
        "null",
        "true",
        "['a', 1]",
        "{ http_req_duration: ['p(95)<1'] }",
        "{ a: 'b' }",
        "{ 'checks{scenario:s}': ['rate>=0'], 'checks{iter:1}': ['rate>=0'], 'mm{vu:1}': ['count>=0'], 'mm{scenario:s}': ['max<1'] }",
        "{ 'group_duration{group:::g}': ['max>=0'], 'group_duration{scenario:s}': ['max>=0'], 'http_reqs{iter:0}': ['count>=0'] }",
        "{ checks: [{ threshold: 'rate>0.9', abortOnFail: true }] }",
        "[{ duration: '200ms', target: 2 }, { duration: '100ms', target: 0 }]",
        "{ mm: 'p(999)<1' }",
        "'127.0.0.0/8'",
        "{ '*': '127.0.0.1' }",
        "{ policy: 'any', ttl: '-1' }",
        "'0:1/2'",
        "'0,1/2,1'",
        "deep(200)",
        "pick()",
        "pick()",
        "{ x: { executor: 'constant-vus', vus: 1, duration: '200ms', exec: 'nothing' } }",
        "'x'.repeat(5000)",
        "{ x: { executor: 'ramping-arrival-rate', stages: [{ duration: '200ms', target: 9 }], preAllocatedVUs: 1 } }",
        "{ x: { executor: 'per-vu-iterations', vus: pick(), iterations: pick(), maxDuration: '200ms' } }",
    ];
    let pairs: Vec<String> = (0..random.random_range(1..5))
        .map(|_| {
            let (name, shape) = (NAMES.choose(random), SHAPES.choose(random));
            format!("{}: {}", name.unwrap_or(&"vus"), shape.unwrap_or(&"1"))
        })
        .collect();
    match random.random_range(0..8) {
        0 => "pick()".into(),
        1 => format!("new Proxy({{ {} }}, {{ get: (t, k) => rand(3) ? t[k] : pick() }})", pairs.join(", ")),
        2 => format!("{{ get {}() {{ return pick(); }} }}", NAMES.choose(random).unwrap_or(&"vus")),
        _ => bounded(&format!("{{ {} }}", pairs.join(", "))),
    }
}

/// `setup`, `teardown` and `handleSummary`, now and then.
fn brackets(random: &mut Random) -> String {
    let mut text = String::new();
    for (name, returned) in
        [("setup", "pick()"), ("teardown", "pick()"), ("handleSummary", "{ stdout: pick(), b: pick() }")]
    {
        if random.random_bool(0.25) {
            let work = statements(random, 3);
            text.push_str(&format!(
                "export function {name}(data) {{\n{HANDLES}\nattempt(() => {{ {work} }});\nreturn {returned};\n}}\n"
            ));
        }
    }
    text
}

fn statements(random: &mut Random, most: usize) -> String {
    let count = random.random_range(1..=most);
    (0..count).map(|_| statement(random, 0)).collect::<Vec<_>>().join("\n")
}

fn statement(random: &mut Random, depth: u32) -> String {
    let call = call(random, depth);
    match random.random_range(0..16) {
        0 => format!("attempt(() => group('g', () => {{ {call}; }}));"),
        1 => format!("attempt(() => check({}, {{ 'c': () => {{ {call}; return pick(); }} }}, pick()));", value(random)),
        2 => format!("attempt(() => setTimeout(() => {{ {call}; }}, {}));", random.random_range(0..20)),
        3 => format!("attempt(() => Promise.resolve().then(() => {call}).catch(() => {{}}));"),
        4 => format!("try {{ {call}; }} catch (e) {{ console.log(e, e && e.stack); }} finally {{ {call}; }}"),
        5 => format!("for (const x of attempt(() => [...{}]) || []) attempt(() => x.{});", value(random), name(random)),
        6 => format!("attempt(() => {{ const x = {call}; x.{0} = {1}; delete x.{0}; }});", name(random), value(random)),
        7 => format!("attempt(() => {{ for (const k in {}) {{ {call}; break; }} }});", value(random)),
        8 => format!("attempt(() => new Promise((y, n) => {{ y({call}); n({}); }}));", value(random)),
        9 => format!("attempt(() => JSON.stringify({call}));"),
        10 => format!("attempt(() => `${{{call}}}` + {});", value(random)),
        11 if random.random_bool(0.3) => format!("{call};"),
        _ => format!("attempt(() => {call});"),
    }
}

fn call(random: &mut Random, depth: u32) -> String {
    let function = FUNCTIONS.choose(random).copied().unwrap_or("http.get");
    if function == "import" {
        return format!("import({}).catch(() => {{}})", value(random));
    }
    let count = random.random_range(0..5);
    let arguments: Vec<String> = (0..count)
        .map(|_| match random.random_range(0..10) {
            0 if depth < 3 => call(random, depth + 1),
            1 if depth < 2 => format!("() => {{ {} }}", statement(random, depth + 1)),
            2 => "...some()".to_owned(),
            _ => value(random),
        })
        .collect();
    format!("{function}({})", arguments.join(", "))
}

fn value(random: &mut Random) -> String {
    match random.random_range(0..4) {
        0 => EXPRESSIONS.choose(random).copied().unwrap_or("R").to_owned(),
        _ => "pick()".into(),
    }
}

fn name(random: &mut Random) -> &'static str {
    const NAMES: &[&str] =
        &["a", "length", "constructor", "then", "name", "toString", "body", "__proto__", "value", "size", "prototype"];
    NAMES.choose(random).copied().unwrap_or("a")
}
