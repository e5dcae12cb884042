//! Hostile scripts: something bad, somewhere in a script.

use rand::RngExt;
use rand::seq::IndexedRandom;

use super::Random;
use super::bodies::{LOOPS, MEMORY, NATIVE_LOOPS, ODD, RECURSIONS};
use super::program::bounded;
use super::run::Case;

const IMPORTS: &str = "\
import http from 'k6/http';
import { check, group, sleep, fail } from 'k6';
import exec from 'k6/execution';
import * as metrics from 'k6/metrics';
import { SharedArray } from 'k6/data';
import crypt from 'k6/crypto';
import encoding from 'k6/encoding';
import { parseHTML } from 'k6/html';
const BASE = __ENV.BASE_URL;
const M = new metrics.Trend('mm');
";

/// Where it stands: `@` is the body, `OPTIONS` bounded options.
const PLACES: &[(&str, &str)] = &[
    ("init", "@\nOPTIONS\nexport default () => {};"),
    ("init of a virtual user", "OPTIONS\nif (__VU > 0) { @ }\nexport default () => {};"),
    ("init, awaited", "OPTIONS\nawait (async () => { @ })();\nexport default () => {};"),
    (
        "init, once",
        "OPTIONS\nfunction f() { @ }\ntry { f(); } catch (e) { console.log('caught', String(e).slice(0, 99)); }\nexport default () => {};",
    ),
    ("default", "OPTIONS\nexport default function () { @ }"),
    ("default", "OPTIONS\nexport default function () { @ }"),
    (
        "default, caught",
        "OPTIONS\nexport default () => { try { @ } catch (e) { console.log(e); } finally { http.get(BASE); } };",
    ),
    ("default, async", "OPTIONS\nexport default async function () { @ }"),
    ("default, after a promise", "OPTIONS\nexport default async () => { await null; @ };"),
    ("default, after a request", "OPTIONS\nexport default async () => { await http.asyncRequest('GET', BASE); @ };"),
    ("a timer", "OPTIONS\nexport default () => { setTimeout(() => { @ }, 1); };"),
    ("a check", "OPTIONS\nexport default () => { check(1, { a: () => { @ }, b: () => true }); };"),
    ("a group", "OPTIONS\nexport default () => { group('g', () => { @ }); };"),
    ("a comparator", "OPTIONS\nexport default () => { [3, 2, 1].sort(() => { @ }); };"),
    ("a getter of parameters", "OPTIONS\nexport default () => { http.get(BASE, { get headers() { @ } }); };"),
    ("toString of a URL", "OPTIONS\nexport default () => { http.get({ toString() { @ } }); };"),
    ("toJSON of a body", "OPTIONS\nexport default () => { console.log({ toJSON() { @ } }); };"),
    ("a replacer", "OPTIONS\nexport default () => { 'aa'.replace(/a/g, () => { @ }); };"),
    ("a proxy", "OPTIONS\nexport default () => { check(1, new Proxy({}, { ownKeys() { @ } })); };"),
    ("a generator", "OPTIONS\nfunction* g() { @ }\nexport default () => { for (const x of g()); };"),
    ("a constructor", "OPTIONS\nclass A { constructor() { @ } }\nexport default () => { new A(); };"),
    ("a SharedArray", "const a = new SharedArray('a', () => { @ });\nOPTIONS\nexport default () => a.length;"),
    ("each of a selection", "OPTIONS\nexport default () => { parseHTML('<a><a>').find('a').each(() => { @ }); };"),
    ("setup", "OPTIONS\nexport function setup() { @ }\nexport default () => {};"),
    ("setup, async", "OPTIONS\nexport async function setup() { await 1; @ }\nexport default () => {};"),
    ("what setup returns", "OPTIONS\nexport function setup() { return { toJSON() { @ } }; }\nexport default () => {};"),
    ("teardown", "OPTIONS\nexport function teardown() { @ }\nexport default () => { http.get(BASE); };"),
    ("handleSummary", "OPTIONS\nexport function handleSummary(data) { @ }\nexport default () => { http.get(BASE); };"),
    (
        "what handleSummary returns",
        "OPTIONS\nexport const handleSummary = () => ({ get stdout() { @ } });\nexport default () => {};",
    ),
    ("a getter of options", "export const options = { get vus() { @ } };\nexport default () => {};"),
    (
        "options, a proxy",
        "export const options = new Proxy({}, { ownKeys() { @ }, get() { @ } });\nexport default () => {};",
    ),
    ("toJSON of options", "export const options = { toJSON() { @ } };\nexport default () => {};"),
    ("a module", "import './module.js';\nOPTIONS\nexport default () => {};"),
    ("CommonJS", "const { f } = require('./common.js');\nOPTIONS\nexport default () => { f(); };"),
];

/// What a script says where it is stopped, by the place.
fn said(kind: &str, place: &str) -> Option<&'static str> {
    match (kind, place) {
        ("loop", "init") => Some("init context"),
        _ => None,
    }
}

/// Something bad, somewhere.
pub fn script(random: &mut Random) -> Case {
    let kinds = [
        ("loop", LOOPS, 3),
        ("native loop", NATIVE_LOOPS, 2),
        ("recursion", RECURSIONS, 4),
        ("memory", MEMORY, 4),
        ("odd", ODD, 8),
    ];
    let Ok((kind, bodies, _)) = kinds.choose_weighted(random, |kind| kind.2) else { return special(random) };
    let body = bodies.choose(random).copied().unwrap_or(";");
    let (place, frame) = PLACES.choose(random).copied().unwrap_or(PLACES[0]);
    let options = format!("export const options = {};", bounded("{}"));
    let text = format!("{IMPORTS}{}", frame.replace('@', body).replace("OPTIONS", &options));
    let own = format!("{IMPORTS}export const f = () => {{ {body} }};\nf();\n");
    let required = format!(
        "{}exports.f = () => {{ {body} }};\n",
        "const http = require('k6/http');\nconst BASE = __ENV.BASE_URL;\n"
    );
    let files = vec![
        ("script.js".to_owned(), text.into_bytes()),
        ("module.js".to_owned(), own.replace("'mm'", "'nn'").into_bytes()),
        ("common.js".to_owned(), required.into_bytes()),
    ];
    let says = said(kind, place).filter(|_| body.starts_with("for (;;);"));
    Case { name: format!("{kind} in {place}"), files, args: Vec::new(), says }
}

/// What a script may export, and as what.
const EXPORTS: &[&str] = &[
    "export default class { constructor() { http.get(BASE); } }",
    "export default async function* () { yield 1; }",
    "export default function* () { yield 1; }",
    "export default (function () { http.get(BASE); }).bind(null);",
    "export default new Proxy(() => {}, { apply() { throw 1; } });",
    "export default 1;",
    "export default null;",
    "export default Promise.resolve(() => {});",
    "export default { default: () => {} };",
    "export default Math.max;",
    "export default http.get;",
    "export default check;",
    "export default exec.test.abort;",
    "export default (data) => data.a.b;",
    "export default () => { throw new Proxy({}, { get() { throw 1; } }); };",
    "let f = () => {}; export { f as default, f as setup, f as teardown, f as handleSummary };",
    "export * from './module.js'; export default () => {};",
    "export { default } from './module.js';",
    "export let options; export default () => {}; options = { vus: 1e9 };",
    "export const options = Promise.resolve({ vus: 2 }); export default () => {};",
    "export class options { static vus = 2; static iterations = 2; } export default () => {};",
    "export function options() {} export default () => {};",
    "export const options = [1, 2, 3]; export default () => {};",
    "export const options = 'text'; export default () => {};",
    "export const options = { scenarios: { a: { executor: 'shared-iterations', exec: 'toString' } } }; export default () => {};",
    "export const options = { scenarios: { __proto__: { executor: 'x' }, '': null, 'a b': {} } }; export default () => {};",
    "export const options = JSON.parse('{\"__proto__\": {\"vus\": 3}, \"vus\": 1, \"iterations\": 1}'); export default () => {};",
    "export const options = { thresholds: { 'http_req_duration{a:b}': ['p(95)<1', 'x', 'p(1e9)>0', '', 'rate>>1'] } }; export default () => {};",
    "const o = { vus: 1, iterations: 1 }; o.o = o; export const options = o; export default () => {};",
    "let n = 0; export const options = { get vus() { return n++ ? 'x' : 1; }, iterations: 2 }; export default () => {};",
    "export const setup = 1, teardown = {}, handleSummary = null; export default () => {};",
    "export const setup = () => undefined; export default (d) => { if (d !== undefined) throw d; };",
    "export const setup = () => ({ a: 'x'.repeat(3e6), b: new Array(3e5).fill(1) }); export default (d) => d.a.length + d.b.length;",
    "export const setup = () => { let d = []; for (let i = 0; i < 500; i++) d = [d]; return d; }; export default (d) => d;",
    "export const setup = () => 1n; export default () => {};",
    "export const setup = () => { const o = {}; o.o = o; return o; }; export default () => {};",
    "export const setup = () => Symbol('x'); export const teardown = (d) => { throw d; }; export default () => {};",
    "export const setup = () => new Promise(() => {}); export default () => {};",
    "export const setup = async () => { throw null; }; export default () => {};",
    "export const handleSummary = () => ({ '/nowhere/x': 'a', '../x': 'b', '': 'c', 'a\\0b': 'd', stdout: 1, stderr: null }); export default () => {};",
    "export const handleSummary = () => ({ stdout: new ArrayBuffer(8), x: new Uint8Array(8), y: {}, z: Symbol('x') }); export default () => {};",
    "export const handleSummary = () => [1, 2]; export default () => {};",
    "export const handleSummary = () => 'text'; export default () => {};",
    "export const handleSummary = (d) => { d.d = d; return { stdout: JSON.stringify(d) }; }; export default () => {};",
    "export const handleSummary = async () => { await new Promise(() => {}); }; export default () => {};",
    "export const handleSummary = () => ({ stdout: 'x'.repeat(5e6) }); export default () => {};",
    "export const handleSummary = () => { setTimeout(() => { for (;;); }, 1); return {}; }; export default () => {};",
    "import './script.js'; export default () => {};",
    "import * as self from './script.js'; export default () => self.default(); export const x = self.nothing;",
    "import def from './script.js'; def(); export default () => {};",
    "import { nothing } from 'k6/http'; export default () => nothing();",
    "import { nothing } from './module.js'; export default () => {};",
    "import x from 'k6/nothing'; export default () => {};",
    "import x from 'https://127.0.0.1:1/x.js'; export default () => {};",
    "import x from '../../../../etc/passwd'; export default () => {};",
    "import x from './script.js\\0'; export default () => {};",
    "import x from './'; import y from ''; import z from '.'; export default () => {};",
    "import data from './data.json'; export default () => data.a;",
    "import data from './bad.json'; export default () => data;",
    "import './a.ts'; export default () => {};",
    "const x = require('./script.js'); module.exports = x; export default () => {};",
    "require('./loop-a.cjs'); export default () => {};",
    "exports.default = () => {}; exports.options = { get vus() { return 2; } };",
    "module.exports = new Proxy(() => {}, { get() { throw 1; } });",
    "module.exports = null;",
    "require(require); require(); require('./' + Math.random()); export default () => {};",
    "export default () => {}; export default () => {};",
    "await new Promise(() => {}); export default () => {};",
    "await import('./script.js'); export default () => {};",
    "throw await 1; export default () => {};",
    "return; export default () => {};",
    "export default () => { import('./module.js').then((m) => m.f()); };",
    "'use strict'; export default function arguments() {}",
    "export default () => import.meta.url; console.log(import.meta.resolve && import.meta.resolve('x'), import.meta);",
    "enum E { A = 1, B = 'x' } export default (): void => { const a: E = E.A as any; };",
    "@decorated class A { accessor x = 1; } export default () => {};",
    "#!/usr/bin/env k6\nexport default () => {};",
    "<div/>; export default () => {};",
    "",
    "\u{feff}export default () => {};",
    "//# sourceMappingURL=data:application/json;base64,e30=\nexport default () => {};",
];

/// Odd exports and imports, chains of modules, and large sources.
pub fn special(random: &mut Random) -> Case {
    let header = IMPORTS.to_owned();
    let export = EXPORTS.choose(random).copied().unwrap_or_default();
    let mut args = ["-i", "2", "-u", "2"].map(str::to_owned).to_vec();
    if random.random_bool(0.3) {
        args.clear();
    }
    let mut files: Vec<(String, Vec<u8>)> = vec![
        ("module.js".into(), "import './script.js'; export const f = () => f(); export default f;".into()),
        ("data.json".into(), r#"{"a":1}"#.into()),
        ("bad.json".into(), "{".repeat(random.random_range(1..100_000)).into()),
        ("a.ts".into(), "type A<T> = T extends A<infer U> ? U : A<T>; namespace N { export const x = 1; }".into()),
        ("loop-a.cjs".into(), "exports.b = require('./loop-b.cjs');".into()),
        ("loop-b.cjs".into(), "exports.a = require('./loop-a.cjs'); module.exports = require('./loop-a.cjs');".into()),
    ];
    let (name, text) = match random.random_range(0..8) {
        0 => {
            let depth = random.random_range(2..300);
            for at in 0..depth {
                let next = (at + 1) % depth;
                let text = format!(
                    "import {{ v as w }} from './m{next}.js';\nexport let v = {at};\nexport const g = () => w;\n"
                );
                files.push((format!("m{at}.js"), text.into_bytes()));
            }
            ("a cycle of modules", "import { g } from './m0.js';\nexport default () => g();".to_owned())
        }
        1 => {
            let depth = random.random_range(2..300);
            for at in 0..depth {
                let text = match at + 1 == depth {
                    true => "export const v = 1;".to_owned(),
                    false => format!("export * from './m{}.js';", at + 1),
                };
                files.push((format!("m{at}.js"), text.into_bytes()));
            }
            ("a chain of modules", "import { v } from './m0.js';\nexport default () => v;".to_owned())
        }
        2 => {
            let (open, close) = [
                ("[", "]"),
                ("(", ")"),
                ("{a:", "}"),
                ("()=>", ""),
                ("!", ""),
                ("a?", ":1"),
                ("`${", "}`"),
                ("a.b(", ")"),
                ("async()=>{await ", "}"),
                ("class extends ", "{}"),
                ("new ", ""),
                ("-", ""),
                ("typeof ", ""),
            ]
            .choose(random)
            .copied()
            .unwrap_or(("[", "]"));
            let depth = random.random_range(10..60_000);
            let text = format!("const x = {}1{};\nexport default () => {{}};", open.repeat(depth), close.repeat(depth));
            ("deep nesting", text)
        }
        3 => {
            let part = [
                "1+",
                "a,",
                "'x'+",
                "x=>",
                "a.b.",
                "if(1);else ",
                "0||",
                "a=",
                "[],",
                "a;",
                "{}",
                "a??",
                "x**",
                "function f(){}",
            ]
            .choose(random)
            .copied()
            .unwrap_or("1+");
            let text = format!(
                "let a = {{}}, x;\n{}1;\nexport default () => {{}};",
                part.repeat(random.random_range(10..60_000))
            );
            ("a long chain", text)
        }
        4 => {
            let count = random.random_range(100..70_000);
            let text = match random.random_range(0..4) {
                0 => (0..count).map(|at| format!("const v{at} = {at};\n")).collect::<String>(),
                1 => format!(
                    "const f = ({}) => 1;\n",
                    (0..count).map(|at| format!("a{at}")).collect::<Vec<_>>().join(",")
                ),
                2 => format!("const f = () => g({});\n", vec!["1"; count].join(",")),
                _ => format!(
                    "const o = {{ {} }};\n",
                    (0..count).map(|at| format!("k{at}: {at}")).collect::<Vec<_>>().join(",")
                ),
            };
            ("many of a kind", format!("{text}export default () => {{}};"))
        }
        _ => ("odd exports", format!("{}{export}", if export.starts_with("#!") { String::new() } else { header })),
    };
    files.insert(0, ("script.js".into(), text.into_bytes()));
    Case { name: name.into(), files, args, says: None }
}
