use super::*;

const SCRIPT: &str = "import http from 'k6/http';\nimport { a } from './lib.js';\nexport const options = { vus: 1 };\nexport default () => { http.get('http://a/' + a) }\n";

fn digest(main: &str, lib: &str) -> String {
    files(&[("script.js", main), ("lib.js", lib)]).unwrap_or_else(|errors| panic!("{errors}")).digest
}

#[test]
fn what_does_not_change_the_script_keeps_its_digest() {
    let base = digest(SCRIPT, "export const a = 1;");
    assert_eq!(base.len(), 64);
    let same = [
        SCRIPT.replace("vus: 1", "vus: 2, thresholds: { checks: ['rate>0.9'] }"),
        SCRIPT.replace("export const options", "export let options"),
        SCRIPT.replace("export const options = { vus: 1 };", "const o = { vus: 3 }; export { o as options };"),
        SCRIPT.replace("export const options = { vus: 1 };", ""),
        SCRIPT.replace("'", "\"").replace('\n', "\n\n  // why\n"),
        format!("#!/usr/bin/env k6\n{SCRIPT}/* the end */"),
    ];
    for text in &same {
        assert_eq!(digest(text, "export const a = 1;"), base, "{text}");
    }
    assert_eq!(digest(SCRIPT, "/** A */ export const a=1"), base);
    let renamed = files(&[("other.js", SCRIPT), ("lib.js", "export const a = 1;")]).expect("it loads");
    assert_eq!(renamed.digest, base);
}

#[test]
fn what_changes_the_script_changes_its_digest() {
    let base = digest(SCRIPT, "export const a = 1;");
    assert_ne!(digest(&SCRIPT.replace("http://a/", "http://b/"), "export const a = 1;"), base);
    assert_ne!(digest(SCRIPT, "export const a = 2;"), base);
    // Only the main module's options are options.
    let lib = "export const a = 1; export const options = ";
    assert_ne!(digest(SCRIPT, &format!("{lib}1")), digest(SCRIPT, &format!("{lib}2")));
}

#[test]
fn data_and_remote_modules_count_by_their_content() {
    let of = |json: &str, remote: &str| {
        let mut memory = Memory::new(&[
            ("script.ts", "import a from './a.json'; import r from 'https://r.example/r.js'; f(a, r);"),
            ("a.json", json),
        ]);
        memory.page("https://r.example/r.js", remote);
        memory.load("script.ts").unwrap_or_else(|errors| panic!("{errors}")).digest
    };
    let base = of("{\"a\": 1}", "export default 1");
    assert_eq!(of("{ \"a\" : 1 }\n", "export default 1"), base);
    assert_ne!(of("{\"a\": 2}", "export default 1"), base);
    assert_ne!(of("{\"a\": 1}", "export default  1"), base);
}
