use super::*;

/// The module that `script.js` gets for a specifier.
fn resolved(specifier: &str, others: &[&str]) -> String {
    let text = format!("import {specifier:?};");
    let mut memory = Memory::new(&[("script.js", &text)]);
    others.iter().for_each(|path| memory.file(path, b"{}"));
    match memory.load("script.js") {
        Ok(bundle) => bundle.modules["script.js"].imports[0].1.to_string(),
        Err(errors) => errors.files[0].errors[0].problem.clone(),
    }
}

#[test]
fn an_import_means_a_file_with_or_without_its_ending() {
    let rows: &[(&str, &[&str], &str)] = &[
        ("./a.js", &["a.js"], "a.js"),
        ("./a", &["a.js", "a.ts", "a/index.js"], "a.js"),
        ("./a", &["a.ts", "a.mjs"], "a.ts"),
        ("./a", &["a.mjs", "a.mts"], "a.mjs"),
        ("./a", &["a.mts", "a/index.js"], "a.mts"),
        ("./a", &["a/index.js", "a/index.ts"], "a/index.js"),
        ("./a/", &["a/index.ts"], "a/index.ts"),
        ("./lib/../a.v2", &["a.v2.js"], "a.v2.js"),
        ("../shared/a", &["../shared/a.ts"], "../shared/a.ts"),
        ("../../../../a", &["/a.js"], "../../a.js"),
        ("/code/lib/a.js", &["../lib/a.js"], "../lib/a.js"),
        ("file:///code/suite/a%20b.js", &["a b.js"], "a b.js"),
        // As TypeScript has it: the import names what the compiler would write.
        ("./a.js", &["a.ts"], "a.ts"),
        ("./a.mjs", &["a.mts"], "a.mts"),
        ("./data.json", &["data.json"], "data.json"),
        // A file is never taken for a built-in module.
        ("./k6", &["k6"], "./k6"),
        ("k6/http", &["k6/http.js"], "k6/http"),
        ("k6/experimental/timers", &[], "k6/timers"),
        ("k6/experimental/webcrypto", &[], "k6/webcrypto"),
        ("https://jslib.k6.io/k6-utils/1.4.0/index.js", &[], "jslib:k6-utils"),
        ("https://jslib.k6.io/k6-summary/0.0.2/index.js", &[], "jslib:k6-summary"),
        ("https://jslib.k6.io/url/1.0.0/index.js", &[], "jslib:url"),
    ];
    for (specifier, others, expected) in rows {
        assert_eq!(resolved(specifier, others), *expected, "{specifier} of {others:?}");
    }
}

#[test]
fn what_leads_nowhere_is_said_with_the_cure() {
    let rows: &[(&str, &[&str], &str, &str)] = &[
        ("./a", &[], "there is no file `./a`: looked for /code/suite/a", "it was tried as it is and with `.js`, `.ts`"),
        ("lodash", &[], "`lodash` is an npm package", "bundle the script first (esbuild, webpack or rollup)"),
        ("@scope/a", &[], "`@scope/a` is an npm package", "bundle the script first"),
        ("lib/a", &["lib/a.js"], "`lib/a` is a file beside the script", "write `./lib/a`"),
        ("fs", &[], "`fs` is a module of Node.js", "read files by open()"),
        ("node:fs", &[], "`node:fs` is a module of Node.js", "read files by open()"),
        ("data:text/javascript,1", &[], "modules can't be loaded by `data:`", "import a file by its path"),
        ("http://a.example/x.js", &[], "`http://a.example/x.js` would be fetched without encryption", "write https://"),
        ("k6/htp", &[], "k6 has no module `k6/htp`", "did you mean `k6/http`?"),
        ("https://u:p@a.example/x.js", &[], "`https://a.example/x.js` has credentials", "leave user and password out"),
        ("file://host/a.js", &[], "`file://host/a.js` names no file of this machine", "write a path relative"),
        ("./a.tsx", &["a.tsx"], "files that end in .tsx can't be run", "write .js or .ts"),
    ];
    for (specifier, others, problem, cure) in rows {
        let text = format!("import {specifier:?};");
        let mut memory = Memory::new(&[("script.js", &text)]);
        others.iter().for_each(|path| memory.file(path, b""));
        let shown = errors(memory.load("script.js"));
        assert!(shown.contains(problem) && shown.contains(cure), "{specifier}: {shown}");
    }
}

#[test]
fn an_unsupported_module_is_refused_at_its_import() {
    let rows = [
        ("k6/browser", "it drives a browser"),
        ("k6/experimental/browser", "it drives a browser"),
        ("k6/net/grpc", "only HTTP is loaded here"),
        ("k6/experimental/grpc", "only HTTP is loaded here"),
        ("k6/ws", "WebSockets are not loaded here"),
        ("k6/websockets", "WebSockets are not loaded here"),
        ("k6/experimental/websockets", "WebSockets are not loaded here"),
        ("k6/experimental/redis", "there is no Redis client here"),
        ("k6/experimental/fs", "read the file by open()"),
        ("k6/experimental/streams", "read the whole file by open()"),
        ("k6/experimental/csv", "split its lines in a SharedArray"),
        ("k6/experimental/tracing", "set the header `traceparent`"),
        ("k6/x/sql", "extensions are compiled into k6"),
        ("k6/secrets", "-e NAME=VALUE"),
    ];
    for (module, cure) in rows {
        let shown = errors(script(&format!("import http from 'k6/http';\n  import x from '{module}';\n")));
        assert!(shown.starts_with(&format!("script.js:2:17: `{module}` is not supported\n")), "{shown}");
        assert!(shown.contains(cure), "{shown}");
    }
}

#[test]
fn every_error_of_every_file_is_shown() {
    let shown = errors(files(&[
        ("script.js", "import './lib/a.js';\nimport a from 'lodash';\nimport b from './b';\n"),
        ("lib/a.js", "export * from 'k6/ws';\nconst 이름 = ;\n"),
        ("b.ts", "export { x } from './c';"),
    ]));
    insta::assert_snapshot!(shown, @"
    script.js:2:15: `lodash` is an npm package, and packages can't be loaded as they are
     2 | import a from 'lodash';
       |               ^^^^^^^^
      help: bundle the script first (esbuild, webpack or rollup), and run what comes out

    script.js: 1 error

    lib/a.js:2:12: Unexpected token
     2 | const 이름 = ;
       |              ^

    lib/a.js: 1 error

    b.ts:1:19: there is no file `./c`: looked for /code/suite/c
     1 | export { x } from './c';
       |                   ^^^^^
      help: correct the path; it was tried as it is and with `.js`, `.ts`, `.mjs`, `.mts`, `/index.js`, `/index.ts`

    b.ts: 1 error
    ");
}

#[test]
fn a_script_that_is_not_there_is_said() {
    insta::assert_snapshot!(errors(Memory::default().load("script.js")), @"
    /code/suite/script.js can't be read: entity not found
      help: check the path and the file's permissions

    script.js: 1 error
    ");
}

#[test]
fn modules_know_their_files_and_imports() {
    let bundle = files(&[
        (
            "tests/script.ts",
            "import { a, type B } from '../lib/a'; import './same.js'; export * from './same.js'; a();",
        ),
        ("lib/a.ts", "export type B = 1; export const a = () => 1;"),
        ("tests/same.js", "export const c = 1;"),
    ])
    .expect("it loads");
    assert_eq!(&*bundle.main, "script.ts");
    assert_eq!(bundle.folder, Path::new("/code/suite/tests"));
    assert_eq!(bundle.modules.keys().map(|name| &**name).collect::<Vec<_>>(), ["../lib/a.ts", "same.js", "script.ts"]);
    let main = &bundle.modules["script.ts"];
    assert_eq!(main.path.as_deref(), Some(Path::new("/code/suite/tests/script.ts")));
    let imports: Vec<(&str, &str)> = main.imports.iter().map(|(written, name)| (written.as_str(), &**name)).collect();
    assert_eq!(imports, [("../lib/a", "../lib/a.ts"), ("./same.js", "same.js")]);
}
