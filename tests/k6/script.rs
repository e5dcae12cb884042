//! A script and the directives of its header.
//!
//! | directive | says |
//! | --- | --- |
//! | `// api: http.get, Response.json` | what it covers: the rows of the table in `docs/k6.md` |
//! | `// expect: …` | what must hold, see `expectation`; `checks` is required, `exit pass` meant |
//! | `// expect-loadgate: …`, `// expect-k6: …` | the same where the two differ by design |
//! | `// k6-differs: …` | how, and why; required beside the line above; `verdict: …` if only the verdict is another |
//! | `// k6-skip: …` | why `validate-with-k6` leaves it out |
//! | `// args: --vus 2` | further arguments of the command line; `{DIR}` is the script's folder |
//! | `// env: NAME=value` | a variable of the environment |

use std::path::{Path, PathBuf};

use super::expectation::Expectation;

/// One conformance script.
#[derive(Clone, Debug)]
pub struct Script {
    /// `http/get`
    pub name: String,
    pub path: PathBuf,
    pub api: Vec<String>,
    pub differs: Vec<String>,
    pub args: Vec<String>,
    pub env: Vec<(String, String)>,
    /// What loadgate is held to.
    pub expectations: Vec<Expectation>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/k6/scripts")
}

/// The areas: the folders that hold scripts.
pub fn folders() -> Vec<String> {
    let entries = root().read_dir().expect("the folder of scripts").flatten();
    entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

/// The scripts of an area, by name. What scripts import lies in folders beneath and is none.
pub fn of(area: &str) -> Vec<Script> {
    let entries = root().join(area).read_dir().unwrap_or_else(|error| panic!("{area}: {error}")).flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    paths.sort();
    paths
        .iter()
        .map(|path| Script::read(area, path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
        .collect()
}

impl Script {
    fn read(area: &str, path: &Path) -> Result<Script, String> {
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        let folder = path.parent().unwrap_or(path).display().to_string();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let mut script = Script {
            name: format!("{area}/{stem}"),
            path: path.to_owned(),
            api: Vec::new(),
            differs: Vec::new(),
            args: Vec::new(),
            env: Vec::new(),
            expectations: Vec::new(),
        };
        let (mut checks, mut split) = (false, false);
        for line in text.lines().map_while(|line| line.strip_prefix("//")) {
            let Some((directive, rest)) = line.trim().split_once(": ") else { continue };
            match directive {
                "api" => script.api.extend(rest.split(", ").map(str::to_owned)),
                "k6-differs" => script.differs.push(rest.to_owned()),
                "args" => script.args.extend(words(&rest.replace("{DIR}", &folder))),
                "env" => {
                    let (name, value) = rest.split_once('=').ok_or(format!("no NAME=value: {rest}"))?;
                    script.env.push((name.to_owned(), value.to_owned()));
                }
                "expect" | "expect-loadgate" => {
                    let expectation = rest.parse()?;
                    checks |= matches!(expectation, Expectation::Checks { .. } | Expectation::SomeChecks);
                    split |= directive != "expect";
                    script.expectations.push(expectation);
                }
                "expect-k6" => split = true,
                _ => {}
            }
        }
        if !script.expectations.iter().any(|expected| matches!(expected, Expectation::Exit(_))) {
            script.expectations.push(Expectation::Exit("pass".to_owned()));
        }
        if script.api.is_empty() {
            return Err("no `// api:`".to_owned());
        }
        if !checks {
            return Err("no `// expect: checks N`: a script whose checks don't run would pass".to_owned());
        }
        if split && script.differs.is_empty() {
            return Err("`expect-…` without `// k6-differs: why`".to_owned());
        }
        Ok(script)
    }
}

/// Words between spaces; quotes keep spaces, as in a shell.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}
