//! Valid scripts with tokens lost, doubled, swapped and put in.

use std::fs;
use std::path::Path;

use rand::RngExt;
use rand::seq::IndexedRandom;

use super::Random;
use super::run::Case;

/// The scripts of `tests/k6`, by their path below it.
pub fn sources() -> Vec<(String, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/k6");
    let mut found = Vec::new();
    collect(&root, &root.join("scripts"), &mut found);
    found.sort();
    found
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).expect("the scripts").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, found);
        } else if path.extension().is_some_and(|extension| extension == "js" || extension == "ts") {
            let name = path.strip_prefix(root).expect("below the root").display().to_string();
            found.push((name, fs::read(&path).expect("a script")));
        }
    }
}

const ODD: &[&str] = &[
    "\0",
    "\u{feff}",
    "\u{202e}",
    "\u{2028}",
    "\u{200d}",
    "\u{1f4a9}",
    "\u{7f}",
    "\\u{110000}",
    "\\ud800",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "`",
    "${",
    "'",
    "\"",
    "/*",
    "*/",
    "//",
    "/",
    "<!--",
    "#!",
    "#x",
    "...",
    "=>",
    "?.",
    "??=",
    "**",
    "@a",
    ";",
    ",",
    "async ",
    "await ",
    "yield ",
    "static ",
    "import ",
    "export ",
    "export default ",
    "class ",
    "function* ",
    "new.target ",
    "import.meta ",
    "return ",
    "throw ",
    "super ",
    "delete ",
    "with (x) ",
    "enum ",
    "let ",
    "0x",
    "1e",
    "1n",
    "08",
    "1_0",
    "//#",
    "undefined",
    "null",
    "-1",
    "1e309",
    "Symbol()",
    "arguments",
    "eval",
    "'use strict';",
    "debugger;",
    "as any",
    ": string",
    "for(",
    "while(0)",
    "switch(1){",
    "case 1:",
    "try{",
    "finally{",
    "catch",
    "get a(){}",
    "=",
    "==",
    "<T>",
    "<a/>",
    "\\",
];

/// A script that was valid before.
pub fn mutant(random: &mut Random, sources: &[(String, Vec<u8>)]) -> Case {
    let (name, source) = sources.choose(random).expect("there are scripts");
    let mut tokens: Vec<Vec<u8>> = tokens(source);
    // Most that is done to a text makes it one that can't be parsed. Where a word only stands for another, it often runs.
    let is_reworded = random.random_bool(0.6);
    for _ in 0..random.random_range(1..=4) {
        match is_reworded {
            true => reword(random, &mut tokens),
            false => change(random, &mut tokens),
        }
    }
    let mut text = tokens.concat();
    match random.random_range(0..if is_reworded { 60 } else { 12 }) {
        0 => text.truncate(random.random_range(0..=text.len())),
        1 => text.insert(random.random_range(0..=text.len()), random.random()),
        2 => {
            let open = ["(", "[", "{", "`${", "!", "a=>", "-(", "[...", "async()=>", "x?.[", "if(1)", "{a:"];
            let many = open.choose(random).copied().unwrap_or("(").repeat(random.random_range(10..20_000));
            text.splice(0..0, many.into_bytes());
        }
        _ => {}
    }
    let mut files = vec![(name.clone(), text)];
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/k6/lib/equal.js");
    files.push(("lib/equal.js".to_owned(), fs::read(path).expect("a module of the scripts")));
    let args = ["-i", "2", "-u", "2"].map(str::to_owned).to_vec();
    Case { name: name.clone(), files, args, says: None }
}

/// Words, spaces and single other characters.
fn tokens(source: &[u8]) -> Vec<Vec<u8>> {
    let kind = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'$' | 0x80.. => 0,
        b' ' | b'\n' => 1,
        _ => 2,
    };
    let mut tokens: Vec<Vec<u8>> = Vec::new();
    for &byte in source {
        match tokens.last_mut() {
            Some(last) if kind(byte) != 2 && last.last().is_some_and(|last| kind(*last) == kind(byte)) => {
                last.push(byte)
            }
            _ => tokens.push(vec![byte]),
        }
    }
    tokens
}

/// Puts a word in the place of another one.
fn reword(random: &mut Random, tokens: &mut [Vec<u8>]) {
    const KEYWORDS: &[&str] = &[
        "import", "from", "export", "const", "let", "function", "return", "default", "new", "await", "async", "of",
        "if",
    ];
    let is_word = |token: &[u8]| {
        token.first().is_some_and(u8::is_ascii_alphanumeric)
            && !KEYWORDS.iter().any(|keyword| keyword.as_bytes() == token)
    };
    let words: Vec<usize> = (0..tokens.len()).filter(|at| is_word(&tokens[*at])).collect();
    if let (Some(at), Some(other)) = (words.choose(random), words.choose(random)) {
        tokens[*at] = tokens[*other].clone();
    }
}

fn change(random: &mut Random, tokens: &mut Vec<Vec<u8>>) {
    if tokens.is_empty() {
        return;
    }
    let (at, other) = (random.random_range(0..tokens.len()), random.random_range(0..tokens.len()));
    match random.random_range(0..8) {
        0 | 1 => drop(tokens.remove(at)),
        2 => tokens.insert(at, tokens[at].clone()),
        3 => tokens.swap(at, other),
        4 => tokens[at] = tokens[other].clone(),
        5 => drop(tokens.drain(at..(at + random.random_range(0..30)).min(tokens.len()))),
        _ => tokens.insert(at, ODD.choose(random).copied().unwrap_or("(").as_bytes().to_vec()),
    }
}
