use super::*;

#[test]
fn an_error_shows_file_place_line_and_cause() {
    insta::assert_snapshot!(errors(script("export default function () {\n  http.get('http://a/'\n}\n")), @"
    script.js:3:1: Expected `,` or `)` but found `}`
     3 | }
       | ^

    script.js: 1 error
    ");
    let shown = errors(script("const 이름 = 1;\nconst 이름 = 2;\n"));
    assert!(shown.starts_with("script.js:1:7: "), "{shown}");
}

#[test]
fn javascript_is_passed_on_unchanged() {
    let text = "// 주석\r\nimport http from \"k6/http\"\n\n\texport const  options = {vus:1,}\nexport default () => { http . get(`http://a`) };\n\n";
    let bundle = script(text).expect("it loads");
    let module = &bundle.modules["script.js"];
    assert_eq!(module.code, text);
    assert_eq!(module.map, None);
}

#[test]
fn what_quickjs_cannot_read_is_overwritten_in_place() {
    let rows = [
        ("import a from './a.json' with { type: 'json' }; a", "with { type: 'json' }"),
        ("import a from './a.json' with {\n type: \"json\" } \n a", "with {\n type: \"json\" }"),
        ("export { default } from './a.json' with { type: 'json' };", "with { type: 'json' }"),
        ("export * from './a.json' with {};", "with {}"),
        ("import('./a.json', { with: { type: 'json' } })", ", { with: { type: 'json' } }"),
    ];
    for (text, removed) in rows {
        let bundle = files(&[("script.js", text), ("a.json", "1")]).unwrap_or_else(|errors| panic!("{errors}"));
        let blank: String = removed.chars().map(|c| if c == '\n' { c } else { ' ' }).collect();
        assert_eq!(bundle.modules["script.js"].code, text.replace(removed, &blank));
    }
    for (text, expected) in [("#!/usr/bin/env k6\nlet a;", "///usr/bin/env k6\nlet a;"), ("\u{feff}let a;", "let a;")] {
        assert_eq!(script(text).expect("it loads").modules["script.js"].code, expected);
    }
}

#[test]
fn what_quickjs_lacks_is_refused() {
    let rows = [
        ("import a from './a.js' with { type: 'text' }", "script.js:1:31: this attribute of an import is not known"),
        ("import defer * as a from './a.js'", "script.js:1:26: an import with `source` or `defer` can't be loaded"),
        ("{ using a = f(); }", "script.js:1:3: `using` declarations can't be run"),
        ("@a class B {}", "script.js:1:1: decorators can't be run"),
        ("const a = <div/>;", "script.js:1:11: "),
        ("let a: number = 1;", "script.js:1:6: "),
    ];
    for (text, expected) in rows {
        let shown = errors(files(&[("script.js", text), ("a.js", "")]));
        assert!(shown.starts_with(expected), "{text}: {shown}");
    }
}

#[test]
fn text_that_is_not_utf8_is_named_with_its_line() {
    let mut memory = Memory::new(&[]);
    memory.file("script.js", b"let a;\nlet b = '\xff';\n");
    insta::assert_snapshot!(errors(memory.load("script.js")), @"
    script.js:2:10: this is not UTF-8
     2 | let b = '�';
       |          ^
      help: save the file as UTF-8

    script.js: 1 error
    ");
}

#[test]
fn an_import_of_no_literal_is_a_warning() {
    let bundle = script("const name = './a.js';\nconst a = () => import(name);").expect("it loads");
    assert_eq!(bundle.warnings.len(), 1);
    assert!(bundle.warnings[0].starts_with("script.js:2:17: an import() of something"), "{:?}", bundle.warnings);
}
