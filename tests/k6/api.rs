//! The table of the API in `docs/k6.md`: what the scripts cover, and what loadgate doesn't do. A difference in what a
//! run's verdict is (`// k6-differs: verdict: …`) is no row's, but stands once after the table.
//!
//! `LOADGATE_UPDATE_DOCS=1 cargo test --test k6 table` writes it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::script::Script;

const BEGIN: &str = "<!-- api:begin -->";
const END: &str = "<!-- api:end -->";

/// How a difference of the verdict begins.
const VERDICT: &str = "verdict: ";

/// The parts of the table in their order: the word before the first dot of a name, and the heading.
const PARTS: &[(&str, &str)] = &[
    ("k6", "`k6`"),
    ("http", "`k6/http`"),
    ("Params", "`k6/http`: parameters of a request"),
    ("Response", "`k6/http`: response"),
    ("CookieJar", "`k6/http`: cookie jar"),
    ("metrics", "`k6/metrics`"),
    ("execution", "`k6/execution`"),
    ("data", "`k6/data`"),
    ("encoding", "`k6/encoding`"),
    ("crypto", "`k6/crypto`"),
    ("html", "`k6/html`"),
    ("timers", "`k6/timers`"),
    ("globals", "Globals"),
    ("console", "Console"),
    ("lifecycle", "Life cycle"),
    ("options", "Options"),
    ("executors", "Executors"),
    ("thresholds", "Thresholds"),
    ("tags", "Tags"),
    ("summary", "Summary"),
    ("modules", "Modules"),
    ("language", "Language"),
    ("cli", "Command line and environment"),
    ("other", "Other modules"),
];

/// What is refused, and what to do instead.
const UNSUPPORTED: &[(&str, &str)] = &[
    ("executors.externally-controlled", "declare the load: `ramping-vus` or an arrival rate"),
    ("other.k6/ws", "no WebSocket"),
    ("other.k6/websockets", "no WebSocket"),
    ("other.k6/net/grpc", "no gRPC"),
    ("other.k6/browser", "no browser"),
    ("other.k6/x/…", "no extensions"),
    ("other.k6/experimental/…", "where it became stable, import the stable module"),
    ("other.k6/secrets", "give secrets by `-e NAME=…`"),
];

#[derive(Default)]
struct Row {
    differs: BTreeSet<String>,
    unsupported: bool,
}

/// Fails if the table of `docs/k6.md` is not that of the scripts, or writes it.
pub fn compare_with_docs(scripts: &[Script]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/k6.md");
    let docs = std::fs::read_to_string(&path).expect("docs/k6.md");
    let (before, rest) = docs.split_once(BEGIN).expect("the first marker of the table");
    let (table, after) = rest.split_once(END).expect("the last marker of the table");
    let wanted = format!("\n{}", render(scripts));
    if std::env::var_os("LOADGATE_UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{wanted}{END}{after}")).expect("docs/k6.md can be written");
        return;
    }
    assert!(table == wanted, "the table of docs/k6.md is old: LOADGATE_UPDATE_DOCS=1 cargo test --test k6 table");
}

fn render(scripts: &[Script]) -> String {
    let mut rows: BTreeMap<&str, BTreeMap<&str, Row>> = BTreeMap::new();
    let mut verdicts = BTreeSet::new();
    for script in scripts {
        let (verdict, differs): (Vec<&str>, Vec<&str>) =
            script.differs.iter().map(String::as_str).partition(|text| text.starts_with(VERDICT));
        verdicts.extend(verdict.into_iter().filter_map(|text| text.strip_prefix(VERDICT)));
        for (index, api) in script.api.iter().enumerate() {
            let (part, name) = split(api, &script.name);
            let row = rows.entry(part).or_default().entry(name).or_default();
            // The first that a script names is what it is about.
            if index == 0 {
                row.differs.extend(differs.iter().map(|text| (*text).to_owned()));
            }
        }
    }
    for (api, instead) in UNSUPPORTED {
        let (part, name) = split(api, "the list of what is not supported");
        let row = Row { differs: BTreeSet::from([(*instead).to_owned()]), unsupported: true };
        rows.entry(part).or_default().insert(name, row);
    }
    let mut out = String::from("\n| | as in k6 | otherwise |\n| --- | --- | --- |\n");
    for (part, heading) in PARTS {
        let Some(rows) = rows.get(part) else { continue };
        let (same, other): (Vec<_>, Vec<_>) = rows.iter().partition(|(_, row)| row.differs.is_empty());
        let same: Vec<String> = same.into_iter().map(|(name, _)| format!("`{name}`")).collect();
        let other: Vec<String> = other.into_iter().map(|(name, row)| told(name, row)).collect();
        out += &format!("| {heading} | {} | {} |\n", same.join(", "), other.join("<br>"));
    }
    out += "\nWhat decides the verdict besides thresholds, and not in k6:\n\n";
    verdicts.iter().for_each(|text| out += &format!("- {text}\n"));
    out + "\n"
}

/// `≠` with the differences, `✗` with what to do instead.
fn told(name: &str, row: &Row) -> String {
    let mark = if row.unsupported { '✗' } else { '≠' };
    let notes: Vec<&str> = row.differs.iter().map(String::as_str).collect();
    format!("{mark} `{name}`: {}", notes.join("; "))
}

fn split<'a>(api: &'a str, place: &str) -> (&'a str, &'a str) {
    let split = api.split_once('.').filter(|(part, _)| PARTS.iter().any(|(known, _)| known == part));
    split.unwrap_or_else(|| panic!("{place}: `{api}` begins with no part of the table"))
}
