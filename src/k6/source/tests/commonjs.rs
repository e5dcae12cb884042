use super::quickjs::out;
use super::*;

#[test]
fn required_modules_are_what_they_export() {
    let main = "const http = require('k6/http');\nconst { sleep } = require('k6');\nvar lib = require('./lib'), whole = require(\"./whole.js\").f;\n\
                function late() { return require('./late') }\n\
                globalThis.out = [http.get('x'), typeof sleep, lib, whole(1), require('./data.json'), late().default, require('./es').a];\n\
                module.exports.options = { vus: 1 };\nexports.default = function () {};\n";
    let files = [
        ("script.js", main),
        ("lib.js", "const self = module.exports; exports.a = 1; self.b = 2;"),
        ("whole.js", "var other = require('./lib');\nmodule.exports = { f: function (x) { return x + other.b } };"),
        ("late.js", "exports.__esModule = true; exports.default = 'late';"),
        ("data.json", "[1]"),
        ("es.js", "export const a = 'es';"),
    ];
    assert_eq!(out(&files), "[\"x\",\"function\",{\"a\":1,\"b\":2},3,[1],\"late\",\"es\"]");
    let main = &super::files(&files).expect("it loads").modules["script.js"];
    let lines: Vec<&str> = main.code.lines().collect();
    assert_eq!(lines[0], format!("const http = __r0{};", " ".repeat(14)));
    assert!(main.code.contains("as options }") && main.code.contains("as default }"), "{}", main.code);
}

#[test]
fn es_modules_import_names_and_the_whole_of_old_ones() {
    let files = [
        (
            "script.js",
            "import whole, { a, b } from './old.js'; import f from './function.js';\nglobalThis.out = [whole, a, b, f()];",
        ),
        ("old.js", "module.exports = { a: 1, 'b': 2, 'c-d': 3 };"),
        ("function.js", "module.exports = () => 'f';"),
    ];
    assert_eq!(out(&files), "[{\"a\":1,\"b\":2,\"c-d\":3},1,2,\"f\"]");
}

#[test]
fn what_is_not_simple_is_refused_or_left_to_the_run() {
    let rows = [
        ("const name = './a';\nlet a = require(name);", "script.js:2:9: require() of something that is no literal"),
        ("let a = require('lodash');", "script.js:1:17: `lodash` is an npm package"),
        ("exports = { a: 1 };", "script.js:1:1: `exports` itself can't be assigned"),
    ];
    for (text, expected) in rows {
        let shown = errors(script(text));
        assert!(shown.starts_with(expected), "{text}: {shown}");
    }
    let text = "let c = 1; try { c = require('crypto') } catch (e) {}\nglobalThis.out = typeof c;";
    assert_eq!(out(&[("script.js", text)]), "\"undefined\"");
    let bundle = script(text).expect("it loads");
    assert!(bundle.warnings[0].starts_with("script.js:1:30: `crypto` is a module of Node.js"), "{:?}", bundle.warnings);
}

#[test]
fn names_that_are_declared_are_not_those_of_commonjs() {
    let text =
        "const module = { exports: {} }; function require(x) { return x }\nmodule.exports.a = require('./nothing');";
    let bundle = script(text).expect("it loads");
    assert_eq!(bundle.modules["script.js"].code, text);
}
