use proptest::prelude::*;

use super::nesting::{LARGEST_STACK, stack};
use super::*;

/// How a text is nested: what opens a level, what is innermost, what closes a level.
const NESTINGS: &[(&str, &str, &str)] = &[
    ("(", "1", ")"),
    ("[", "1", "]"),
    ("({a:", "1", "})"),
    ("{", "", "}"),
    ("!", "1", ""),
    ("- ", "1", ""),
    ("await ", "1", ""),
    ("a=>", "1", ""),
    ("a=>(", "1", ")"),
    ("function f(){", "", "}"),
    ("(function(){", "", "})"),
    ("class A extends (", "B", ") {}"),
    ("class A{f(){", "", "}}"),
    ("a?", "1", ":1"),
    ("a?1:", "1", ""),
    ("if(a)", ";", ""),
    ("if(a)b;else ", ";", ""),
    ("for(;;)", ";", ""),
    ("while(a){", "", "}"),
    ("try{", "", "}catch{}"),
    ("switch(a){case 1:", "", "}"),
    ("`${", "1", "}`"),
    ("1+", "1", ""),
    ("1**", "1", ""),
    ("a&&", "1", ""),
    ("a??", "1", ""),
    ("a.b=", "1", ""),
    ("f(", "1", ")"),
    ("new ", "a", ""),
    ("typeof ", "1", ""),
    ("", "f", "()"),
    ("", "a", ".b"),
    ("", "a", "[0]"),
    ("", "a", "?.b"),
    ("", "a", "``"),
    ("import(", "1", ")"),
];

/// The same in TypeScript, with what stands once before and behind all levels.
const TYPED: &[(&str, (&str, &str, &str), &str)] = &[
    ("let a: ", ("A<", "B", ">"), " = 1"),
    ("type A = ", ("[", "B", "]"), ""),
    ("type A = ", ("{a:", "B", "}"), ""),
    ("type A = ", ("(", "B", ")"), ""),
    ("type A = ", ("B extends C ? D : ", "B", ""), ""),
    ("", ("namespace N {", "", "}"), ""),
    ("", ("", "a", " as any"), ""),
    ("", ("", "a", "!"), ""),
    ("type A = ", ("", "B", "[]"), ""),
    ("type A = ", ("", "B", " | C"), ""),
    ("", ("<any>", "a", ""), ""),
    ("enum A { B = ", ("(", "1", ")"), " }"),
];

/// The deepest text of a kind that passes.
fn deepest(start: &str, (open, core, close): (&str, &str, &str), end: &str) -> String {
    let text = |levels: usize| format!("{start}{}{core}{}{end}", open.repeat(levels), close.repeat(levels));
    let needed = |levels: usize| stack(&text(levels)).expect("it is flat enough");
    let levels = 100 + (LARGEST_STACK - needed(100)) * 100 / (needed(200) - needed(100));
    let text = text(levels);
    assert!(stack(&text).is_ok_and(|stack| stack > LARGEST_STACK / 10 * 9), "{start}{open}{core}{close}{end}");
    text
}

#[test]
fn the_deepest_texts_that_pass_fit_the_stack() {
    let plain = NESTINGS.iter().map(|nesting| ("", *nesting, ""));
    for (start, nesting, end) in plain.chain(TYPED.iter().copied()) {
        // Whether it is valid is another matter: it must not crash. TypeScript goes all ways that JavaScript does.
        let _ = typed(&deepest(start, nesting, end));
    }
}

#[test]
fn what_is_nested_deeper_is_refused_with_its_place() {
    for (open, _, _) in NESTINGS.iter().filter(|(open, _, _)| !open.is_empty()) {
        let shown = errors(script(&open.repeat(100_000)));
        assert!(shown.contains("nested too deeply"), "{open}: {}", &shown[..shown.len().min(300)]);
    }
}

#[test]
fn a_file_that_is_too_large_is_refused() {
    let mut memory = Memory::new(&[("script.js", "import './data.json'")]);
    memory.file("data.json", &vec![b' '; (20 << 20) + 1]);
    let shown = errors(memory.load("script.js"));
    assert!(shown.starts_with("script.js:1:8: /code/suite/data.json is larger than 20 MB"), "{shown}");
}

#[test]
fn a_large_script_of_small_parts_is_none_that_is_nested() {
    let part = "export function f0(a) { return check(a, { 'ok': (r) => r.status === 200 && /^[(]/.test(r.body) }) }\n";
    let text: String = (0..20_000).map(|number| part.replace("f0", &format!("f{number}"))).collect();
    script(&text).unwrap_or_else(|errors| panic!("{errors}"));
}

/// Text made of what scripts are made of.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "import ",
        "export ",
        "default ",
        "const ",
        "let ",
        "a",
        "b",
        "options",
        "=",
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        "=>",
        ",",
        ";",
        "\n",
        " ",
        "'./a'",
        "'k6/http'",
        "`",
        "${",
        "'",
        "\"",
        "/",
        "*",
        "//",
        "/*",
        "*/",
        "\\",
        "?",
        ":",
        ".",
        "...",
        "async ",
        "await ",
        "function ",
        "class ",
        "enum ",
        "namespace ",
        "type ",
        "interface ",
        "<",
        ">",
        "as ",
        "@",
        "#",
        "from ",
        "with ",
        "require",
        "module",
        ".exports",
        "__ENV",
        "1",
        "1n",
        "0x",
        "http://",
        "서버",
        "\u{2028}",
        "\u{feff}",
        "#!",
        "if",
        "else ",
        "for",
        "of ",
        "in ",
        "new ",
        "!",
        "-",
        "+",
        "static ",
        "yield ",
        "using ",
        "json",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_input_makes_it_fail_in_any_other_way_than_by_an_error(
        bytes in prop::collection::vec(any::<u8>(), 0..200), text in ".{0,80}", pieces in pieces(),
    ) {
        for ending in ["js", "ts", "json"] {
            for content in [&bytes[..], text.as_bytes(), pieces.as_bytes()] {
                let mut memory = Memory::new(&[("script.js", &format!("import './a.{ending}';"))]);
                memory.file(&format!("a.{ending}"), content);
                if let Err(errors) = memory.load("script.js") {
                    let shown = errors.to_string();
                    prop_assert!(!shown.contains("the parser has failed"), "{}", shown);
                }
            }
        }
    }

    #[test]
    fn a_trace_is_text_whatever_the_stack_is(stack in ".{0,80}", line in any::<u32>(), column in any::<u32>()) {
        let bundle = typed("let a: number = 1;").expect("it loads");
        bundle.trace(&stack);
        bundle.trace(&format!("at f (script.ts:{line}:{column})"));
        bundle.original("script.ts", line, column);
    }
}
