//! Which parts of the language a script uses: each takes memory in every virtual user.

use std::collections::BTreeSet;

use super::source::Bundle;

/// What there is besides the language, one name of each kind: scripts reach it by these names alone.
const GLOBALS: [&str; 8] = ["__ENV", "__ITER", "TextEncoder", "URL", "console", "crypto", "open", "setTimeout"];

/// The parts of the language, and of what there is besides it, that a script may use.
pub fn uses(bundle: &Bundle) -> BTreeSet<String> {
    let mut uses = bundle.globals.clone();
    let typed = ["ArrayBuffer", "DataView", "SharedArrayBuffer", "crypto", "TextEncoder", "TextDecoder"];
    let has = |uses: &BTreeSet<String>, names: &[&str]| names.iter().any(|name| uses.contains(*name));
    let says = |text: &str| bundle.modules.values().any(|module| module.code.contains(text));
    if says("import.meta") {
        uses.insert("import.meta".into());
    }
    let typed = has(&uses, &typed)
        || uses.iter().any(|name| name.ends_with("Array") && name.len() > "Array".len())
        || ["binary", "k6/crypto", "k6/encoding", "k6/webcrypto", "\"b\"", "'b'"].iter().any(|text| says(text));
    let all = has(&uses, &["eval", "Function", "globalThis", "global"]);
    if typed || all {
        uses.insert("ArrayBuffer".into());
    }
    // Modules of ours use them.
    let ours = ["jslib", "k6/html", "html(", "submitForm", "clickLink"].iter().any(|text| says(text));
    if all || ours || typed || has(&uses, &["URL", "URLSearchParams"]) {
        uses.extend(["RegExp", "Map", "Date"].map(str::to_owned));
    }
    if has(&uses, &["Set", "WeakMap", "WeakSet"]) {
        uses.insert("Map".into());
    }
    if ours || says("k6/webcrypto") {
        uses.insert("crypto".into());
    }
    if all {
        uses.extend(["WeakRef", "performance"].map(str::to_owned));
        uses.extend(GLOBALS.map(str::to_owned));
    }
    uses
}
