//! The table of the API in `docs/k6.md`: what the scripts cover, and what loadgate doesn't do.
//!
//! `LOADGATE_UPDATE_DOCS=1 cargo test --test k6 table` writes it.

use std::collections::BTreeMap;
use std::path::Path;

use super::script::Script;

const BEGIN: &str = "<!-- api:begin -->";
const END: &str = "<!-- api:end -->";

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
    differs: Vec<String>,
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
    for (script, api) in scripts.iter().flat_map(|script| script.api.iter().map(move |api| (script, api))) {
        let (part, name) = split(api, &script.name);
        let row = rows.entry(part).or_default().entry(name).or_default();
        // The first that a script names is what it is about.
        if script.api.first() == Some(api) {
            row.differs.extend(script.differs.iter().cloned());
        }
    }
    for (api, instead) in UNSUPPORTED {
        let (part, name) = split(api, "the list of what is not supported");
        let row = Row { differs: vec![(*instead).to_owned()], unsupported: true };
        let covered = rows.entry(part).or_default().insert(name, row);
        assert!(covered.is_none(), "{api} has a script and is said to be unsupported");
    }
    let mut out = String::new();
    for (part, heading) in PARTS {
        let Some(rows) = rows.get(part) else { continue };
        out += &format!("\n### {heading}\n\n| | | |\n| --- | --- | --- |\n");
        for (name, row) in rows {
            let mark = if row.unsupported {
                "✗"
            } else if row.differs.is_empty() {
                "✓"
            } else {
                "≠"
            };
            out += &format!("| `{name}` | {mark} | {} |\n", row.differs.join("; "));
        }
    }
    out + "\n"
}

fn split<'a>(api: &'a str, place: &str) -> (&'a str, &'a str) {
    let split = api.split_once('.').filter(|(part, _)| PARTS.iter().any(|(known, _)| known == part));
    split.unwrap_or_else(|| panic!("{place}: `{api}` begins with no part of the table"))
}
