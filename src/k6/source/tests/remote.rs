use super::*;

const URL: &str = "https://cdn.example/lib/a.js";
const SCRIPT: &[(&str, &str)] = &[("script.js", "import a from 'https://cdn.example/lib/a.js'; f(a);")];

fn hashed(text: &str) -> String {
    crate::k6::source::remote::hash(text.as_bytes())
}

#[test]
fn a_remote_module_is_pinned_when_it_is_first_imported() {
    let mut memory = Memory::new(SCRIPT);
    memory.page(URL, "export default 1");
    let bundle = memory.load("script.js").expect("it loads");
    assert!(bundle.modules.contains_key(URL));
    assert_eq!(bundle.modules[URL].path, None);
    let digest = hashed("export default 1");
    let expected = format!("{{\n  \"version\": 1,\n  \"modules\": {{\n    \"{URL}\": \"sha256:{digest}\"\n  }}\n}}\n");
    assert_eq!(memory.lock(), Some(&*expected));
    assert!(bundle.warnings[0].contains("commit it beside the script"), "{:?}", bundle.warnings);

    // Known by hash, it is not asked for again; and works without a network.
    memory.web.clear();
    memory.asked.clear();
    let again = memory.load("script.js").expect("it loads");
    assert_eq!(memory.asked, Vec::<String>::new());
    assert_eq!(again.warnings, Vec::<String>::new());
    assert_eq!(again.digest, bundle.digest);
}

#[test]
fn another_content_than_the_locked_one_is_an_error() {
    let mut memory = Memory::new(SCRIPT);
    memory.page(URL, "export default 1");
    memory.load("script.js").expect("it loads");
    memory.page(URL, "export default 2");
    memory.cache.clear();
    let shown = errors(memory.load("script.js"));
    assert!(shown.starts_with("script.js:1:15: https://cdn.example/lib/a.js has changed"), "{shown}");
    assert!(shown.contains("delete the entry in loadgate-lock.json or run with --update-lock"), "{shown}");
    // A cache that somebody has written to is no content either.
    memory.cache.insert(hashed("export default 1"), b"export default 3".to_vec());
    assert!(memory.load("script.js").is_err());

    memory.updates_lock = true;
    memory.load("script.js").expect("it loads");
    assert!(memory.lock().expect("a lock").contains(&hashed("export default 2")));
    memory.updates_lock = false;
    memory.load("script.js").expect("it loads");
}

#[test]
fn imports_of_remote_modules_are_relative_to_their_url_and_redirects_are_pinned_too() {
    let mut memory = Memory::new(&[("script.js", "import a from 'https://esm.example/x'; f(a);")]);
    let to = Url::parse("https://esm.example/x@1.2.3/es/").expect("a URL");
    memory.web.insert("https://esm.example/x".into(), Fetched::Redirect(to));
    memory.page("https://esm.example/x@1.2.3/es/", "import './b.js'; export * from '/c.ts'; import 'k6/http';");
    memory.page("https://esm.example/x@1.2.3/es/b.js", "");
    memory.page("https://esm.example/c.ts", "export const c: number = 1;");
    let bundle = memory.load("script.js").unwrap_or_else(|errors| panic!("{errors}"));
    let names: Vec<&str> = bundle.modules.keys().map(|name| &**name).collect();
    let expected =
        ["https://esm.example/c.ts", "https://esm.example/x", "https://esm.example/x@1.2.3/es/b.js", "script.js"];
    assert_eq!(names, expected);
    assert!(memory.lock().expect("a lock").contains("\"https://esm.example/x\": \"https://esm.example/x@1.2.3/es/\""));
    memory.web.clear();
    memory.load("script.js").unwrap_or_else(|errors| panic!("{errors}"));
}

#[test]
fn what_cannot_be_had_is_said_at_the_import() {
    let mut memory = Memory::new(SCRIPT);
    let shown = errors(memory.load("script.js"));
    assert!(shown.starts_with("script.js:1:15: https://cdn.example/lib/a.js was not fetched: status 404"), "{shown}");
    assert_eq!(memory.lock(), None);
    memory.web.insert(URL.into(), Fetched::Redirect(Url::parse("http://cdn.example/a.js").expect("a URL")));
    assert!(errors(memory.load("script.js")).contains("leads to http://cdn.example/a.js, which is not encrypted"));
    memory.web.insert(URL.into(), Fetched::Redirect(Url::parse(URL).expect("a URL")));
    assert!(errors(memory.load("script.js")).contains("more than 10 redirects"));
    let rows = [
        ("import 'http://x.example/a.js'", "without encryption"),
        ("import 'file:///code/suite/script.js'", "the importing module is a remote one"),
        ("let = ;", "https://cdn.example/lib/a.js:1:"),
    ];
    for (text, expected) in rows {
        memory.page(URL, text);
        let shown = errors(memory.load("script.js"));
        assert!(shown.contains(expected), "{shown}");
    }
}

#[test]
fn there_may_be_only_so_many() {
    let mut memory = Memory::new(&[("script.js", "import 'https://cdn.example/0.js'")]);
    for number in 0..=crate::k6::source::remote::MOST {
        memory.page(&format!("https://cdn.example/{number}.js"), &format!("import './{}.js'", number + 1));
    }
    assert!(errors(memory.load("script.js")).contains("the script imports more than 200 remote modules"));
}

#[test]
fn a_lock_that_cannot_be_read_stops_the_run_and_one_that_cannot_be_written_does_not() {
    let rows = [
        ("{", "EOF"),
        ("{\"version\": 2, \"modules\": {}}", "its version is 2, and only 1 is known"),
        ("{\"version\": 1, \"modules\": {\"https://a\": \"sha256:12\"}}", "the entry of https://a is neither"),
        ("{\"version\": 1, \"modules\": {}, \"more\": 1}", "unknown field `more`"),
    ];
    for (text, expected) in rows {
        let mut memory = Memory::new(SCRIPT);
        memory.page(URL, "export default 1");
        memory.file(lock::NAME, text.as_bytes());
        let shown = errors(memory.load("script.js"));
        assert!(shown.contains("is no lock file") && shown.contains(expected), "{shown}");
        memory.updates_lock = true;
        memory.load("script.js").expect("it loads");
    }
    let mut memory = Memory::new(SCRIPT);
    memory.page(URL, "export default 1");
    memory.is_read_only = true;
    let bundle = memory.load("script.js").expect("it loads");
    assert!(bundle.warnings[0].contains("can't be written"), "{:?}", bundle.warnings);
}
