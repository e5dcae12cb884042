//! No text makes the reader panic or hang.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{BASE, source};
use crate::plan::{ReadOptions, read};

const DOCS: &str = include_str!("../../../../docs/plan.md");

/// Words that plans are made of, and some that they are not.
const WORDS: &[&str] = &[
    "",
    "~",
    "0",
    "-1",
    "1e309",
    "99999999999999999999",
    ".nan",
    "\"${\"",
    "\"${a.b(}\"",
    "\"${x}\"",
    "[]",
    "{}",
    "[[]]",
    "{ a: 1 }",
    "&a",
    "*a",
    "<<: *a",
    "!!str 1",
    "? x",
    "- ",
    ": ",
    "|",
    "\t",
    "\u{feff}",
    "\u{0}",
    "한글",
    "1h",
    "10%",
    "2xx",
    "p(95)<1",
    "http_reqs{a:b}",
    "constant-vus",
    "get: /",
    "steps:",
    "poll: {}",
    "\"not \" ",
    "#",
    "...",
    "---",
];

/// The whole plan of the docs.
fn documented() -> &'static str {
    let start = DOCS.find("```yaml\n").unwrap() + 8;
    &DOCS[start..start + DOCS[start..].find("```\n").unwrap()]
}

/// Reads the text; whatever comes of it must be shown without a panic.
fn survive(text: &str) {
    let options = ReadOptions { scale_load: 0.5, scale_time: 2.0, ..ReadOptions::default() };
    if let Err(errors) = read(&source(text), &options) {
        assert!(!errors.errors.is_empty());
        assert!(errors.to_string().contains("error"));
    }
}

/// Replaces the part between two places of the text by a word.
fn spliced(text: &str, from: usize, length: usize, word: &str) -> String {
    let boundary = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let from = boundary(from % (text.len() + 1));
    let to = boundary((from + length).min(text.len())).max(from);
    format!("{}{word}{}", &text[..from], &text[to..])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in any::<String>()) {
        survive(&text);
    }

    #[test]
    fn any_words(words in prop::collection::vec((prop::sample::select(WORDS), 0..6usize), 0..40)) {
        let text: String = words.iter().map(|(word, indent)| format!("\n{}{word}", " ".repeat(*indent))).collect();
        survive(&format!("{BASE}{text}"));
    }

    #[test]
    fn plans_with_parts_cut_out_and_put_in(
        edits in prop::collection::vec((any::<usize>(), 0..30usize, prop::sample::select(WORDS)), 1..6)
    ) {
        let text = edits.iter().fold(documented().to_owned(), |text, (from, length, word)| {
            spliced(&text, *from, *length, word)
        });
        survive(&text);
    }

    #[test]
    fn values_of_another_kind(word in prop::sample::select(WORDS), at in any::<prop::sample::Index>()) {
        // Each value of the plan that stands after `: ` in turn.
        let text = documented();
        let places: Vec<usize> = text.match_indices(": ").map(|(index, _)| index + 2).collect();
        let from = places[at.index(places.len())];
        let length = text[from..].find([',', '}', '\n']).unwrap_or(0);
        survive(&spliced(text, from, length, word));
    }
}

#[test]
fn large_and_deep_files_end_soon() {
    let started = Instant::now();
    let deep = format!("{BASE}data: {{ a: {}1{} }}\n", "[".repeat(40), "]".repeat(40));
    survive(&deep);
    let steps: String = (0..5_000).map(|i| format!("    - get: /a/{i}\n")).collect();
    survive(&BASE.replace("    - get: /boards\n", &steps));
    let wrong: String = (0..3_000).map(|i| format!("    - gets: /a/{i}\n")).collect();
    survive(&BASE.replace("    - get: /boards\n", &wrong));
    let nested = (0..20).fold("{ get: / }".to_owned(), |inner, _| format!("{{ group: g, steps: [{inner}] }}"));
    survive(&BASE.replace("- get: /boards", &format!("- {nested}")));
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}
