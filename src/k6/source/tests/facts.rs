use super::*;

#[test]
fn origins_are_those_of_literals_in_the_order_of_the_text() {
    let rows: &[(&str, &[&str])] = &[
        ("f('http://{EC2 IP 주소}/boards')", &["http://{EC2 IP 주소}"]),
        ("f(\"https://a/x\", 'http://b:1', `http://c/${x}`, 'https://a/y')", &["https://a", "http://b:1", "http://c"]),
        ("// http://a/\n/* http://b/ */ f('/x')", &[]),
        ("f(`http://${host}:8080/x`)", &[]),
        ("f(`http://a:${port}/x`)", &[]),
        ("f(`http://api${n}.example.com/x`)", &[]),
        ("f(`http://a${path}`)", &["http://a"]),
        ("f(`http://a/${x}/http://b/`)", &["http://a"]),
        ("f('http://' + host)", &[]),
        ("f('http://a:' + port + '/x')", &[]),
        ("f(x + 'http://a:' + port)", &[]),
        ("f('http://a' + path)", &["http://a"]),
        ("const o = { url: 'http://a/', 'http://b/': 1 }", &["http://a", "http://b"]),
        ("const env = __ENV.URL || 'http://localhost:8080'", &["http://localhost:8080"]),
        ("import 'https://jslib.k6.io/k6-utils/1.4.0/index.js'", &[]),
        ("f('see http://a/'); f('http://b/')", &["http://b"]),
        ("f('to=http://a/')", &["http://a"]),
    ];
    for (text, expected) in rows {
        assert_eq!(script(text).unwrap_or_else(|e| panic!("{text}: {e}")).origins, *expected, "{text}");
    }
}

#[test]
fn origins_of_imported_files_count_and_of_types_and_remote_modules_do_not() {
    let mut memory = Memory::new(&[
        (
            "script.ts",
            "import './lib.js'; import c from './c.json'; import 'https://r.example/r.js'; c;\ntype T = 'http://t/'; f('http://main/')",
        ),
        ("lib.js", "f('http://lib/')"),
        ("c.json", "{\"base\": \"http://json/api\", \"http://key/\": 1}"),
    ]);
    memory.page("https://r.example/r.js", "f('http://remote/')");
    let bundle = memory.load("script.ts").expect("it loads");
    assert_eq!(bundle.origins, ["http://main", "http://lib", "http://json", "http://key"]);
}

#[test]
fn names_of_the_environment_are_those_behind_env() {
    let rows: &[(&str, &[&str])] = &[
        ("f(__ENV.A, __ENV['B'], __ENV[`C`], __ENV?.D, (__ENV).E)", &["A", "B", "C", "D", "E"]),
        ("const { A, B: b, C = 1, 'D-E': d, [x]: y, ...rest } = __ENV", &["A", "B", "C", "D-E"]),
        ("let A, b; ({ A, B: b = 2 } = __ENV)", &["A", "B"]),
        ("f(__ENV[name], env.A, x.__ENV.B)", &[]),
        ("const __ENV = {}; f(__ENV.A); const { B } = __ENV", &[]),
        ("__ENV.A = 1; delete __ENV.B", &["A", "B"]),
    ];
    for (text, expected) in rows {
        assert_eq!(list(&script(text).unwrap_or_else(|e| panic!("{text}: {e}")).env_names), *expected, "{text}");
    }
}

#[test]
fn globals_are_names_that_nobody_declares_and_what_syntax_needs() {
    let rows: &[(&str, &[&str])] = &[
        ("const a = new Map(), b = a, Date = 1; f(Date); undefined", &["Map", "f", "undefined"]),
        ("const a = /x/", &["RegExp"]),
        ("'x'.match('x')", &["RegExp"]),
        ("const f = async () => 1", &["Promise"]),
        ("async function f() {}", &["Promise"]),
        ("class A { async f() {} }", &["Promise"]),
        ("await 1", &["Promise"]),
        ("for await (const a of []) ;", &["Promise"]),
        ("const a = 1n", &["BigInt"]),
        ("typeof performance", &["performance"]),
        ("new Proxy({}, {}); new Uint8Array(1); JSON.parse(x)", &["JSON", "Proxy", "Uint8Array", "x"]),
        ("function f(Set) { return new Set() }", &[]),
        ("export const options = { Map: 1 }; options.Set", &[]),
    ];
    for (text, expected) in rows {
        assert_eq!(list(&script(text).unwrap_or_else(|e| panic!("{text}: {e}")).globals), *expected, "{text}");
    }
    let bundle =
        typed("let a: Map<string, Date>; let b: typeof Symbol; export const c = new Set<WeakMap<any, any>>();")
            .expect("it loads");
    assert_eq!(list(&bundle.globals), ["Set"]);
}
