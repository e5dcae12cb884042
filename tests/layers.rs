//! The order of imports: a module may use only those below it. The table is the one in CONTRIBUTING.md.

use std::fs;
use std::path::{Path, PathBuf};

/// Each module of the library and the modules of ours that it may import.
const LAYERS: &[(&str, &[&str])] = &[
    ("metric", &[]),
    ("number", &["metric"]),
    ("dns", &[]),
    ("pairing", &[]),
    ("timer", &[]),
    ("github", &["dns"]),
    ("demo", &["timer"]),
    ("delay", &["dns", "timer"]),
    ("plan", &["metric", "pairing"]),
    ("measurement", &["metric", "pairing"]),
    ("load", &["metric", "dns", "pairing", "plan", "measurement"]),
    ("k6", &["metric", "dns", "number", "pairing", "plan", "measurement", "load"]),
    ("baseline", &["metric", "number", "measurement"]),
    ("gate", &["metric", "number", "pairing", "plan", "measurement", "baseline"]),
    ("report", &["metric", "number", "pairing", "measurement", "gate"]),
    ("cli", &["delay", "report"]),
    (
        "commands",
        &[
            "metric",
            "number",
            "dns",
            "pairing",
            "github",
            "demo",
            "delay",
            "plan",
            "measurement",
            "load",
            "k6",
            "baseline",
            "gate",
            "report",
            "cli",
        ],
    ),
];

#[test]
fn modules_import_only_what_lies_below_them() {
    let mut broken = Vec::new();
    let mut seen = 0;
    for (module, allowed) in LAYERS {
        for file in files_of(module) {
            let text = fs::read_to_string(&file).expect("a source file can be read");
            for (number, line) in text.lines().enumerate() {
                for imported in imports(line) {
                    seen += 1;
                    if imported != *module && !allowed.contains(&imported) {
                        broken.push(format!("{}:{}: {module} imports {imported}", file.display(), number + 1));
                    }
                }
            }
        }
    }
    assert!(seen > 20, "only {seen} imports were found: does this test still read the sources?");
    assert!(broken.is_empty(), "imports against the order of layers:\n{}", broken.join("\n"));
}

#[test]
fn every_module_of_the_library_has_a_layer() {
    let lib = fs::read_to_string(source("lib.rs")).expect("src/lib.rs can be read");
    let declared: Vec<&str> = lib
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ").or_else(|| line.strip_prefix("mod ")))
        .filter_map(|rest| rest.strip_suffix(';'))
        .collect();
    assert!(!declared.is_empty());
    for module in declared {
        assert!(LAYERS.iter().any(|(name, _)| *name == module), "give {module} a place in the table");
    }
}

/// Modules of ours that a line names by `crate::`.
fn imports(line: &str) -> Vec<&str> {
    let code = line.split("//").next().unwrap_or_default();
    code.match_indices("crate::")
        .map(|(at, path)| &code[at + path.len()..])
        .filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next())
        .filter(|name| LAYERS.iter().any(|(module, _)| module == name))
        .collect()
}

fn files_of(module: &str) -> Vec<PathBuf> {
    let single = source(&format!("{module}.rs"));
    if single.exists() { vec![single] } else { rust_files(&source(module)) }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.expect("an entry of a source folder").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(name)
}
