//! What becomes of scripts: files, a web and a cache in memory go in, modules come out, and QuickJS runs some of them.

mod commonjs;
mod digest;
mod facts;
mod limits;
mod quickjs;
mod remote;
mod resolution;
mod seeds;
mod syntax;
mod typescript;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use url::Url;

use super::*;

/// The folder of the scripts.
const FOLDER: &str = "/code/suite";

/// Sources in memory.
#[derive(Default)]
struct Memory {
    files: BTreeMap<PathBuf, Vec<u8>>,
    web: BTreeMap<String, Fetched>,
    cache: BTreeMap<String, Vec<u8>>,
    /// URLs in the order in which they were asked for.
    asked: Vec<String>,
    is_read_only: bool,
    updates_lock: bool,
}

impl Memory {
    /// Files by their paths from the folder.
    fn new(files: &[(&str, &str)]) -> Memory {
        let mut memory = Memory::default();
        for (path, text) in files {
            memory.file(path, text.as_bytes());
        }
        memory
    }

    fn file(&mut self, path: &str, content: &[u8]) {
        let path = std::path::absolute(Path::new(FOLDER).join(path)).expect("a path");
        self.files.insert(resolve::normal(&path), content.to_vec());
    }

    fn page(&mut self, url: &str, text: &str) {
        self.web.insert(url.to_owned(), Fetched::Content(text.as_bytes().to_vec()));
    }

    fn load(&mut self, path: &str) -> Result<Bundle, SourceErrors> {
        Bundle::load(&Path::new(FOLDER).join(path), self, &is_builtin)
    }

    fn lock(&self) -> Option<&str> {
        let path = std::path::absolute(Path::new(FOLDER).join(lock::NAME)).expect("a path");
        self.files.get(&path).map(|text| std::str::from_utf8(text).expect("text"))
    }
}

impl Sources for Memory {
    fn is_file(&mut self, path: &Path) -> bool {
        self.files.contains_key(path)
    }

    fn read(&mut self, path: &Path, _: usize) -> io::Result<Vec<u8>> {
        self.files.get(path).cloned().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn write(&mut self, path: &Path, text: &str) -> io::Result<()> {
        if self.is_read_only {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        self.files.insert(path.to_owned(), text.as_bytes().to_vec());
        Ok(())
    }

    fn fetch(&mut self, url: &Url, _: usize) -> Result<Fetched, String> {
        self.asked.push(url.to_string());
        self.web.get(url.as_str()).cloned().ok_or_else(|| "status 404 Not Found".to_owned())
    }

    fn cached(&mut self, digest: &str) -> Option<Vec<u8>> {
        self.cache.get(digest).cloned()
    }

    fn keep(&mut self, digest: &str, content: &[u8]) {
        self.cache.insert(digest.to_owned(), content.to_vec());
    }

    fn updates_lock(&self) -> bool {
        self.updates_lock
    }
}

fn is_builtin(name: &str) -> bool {
    let known =
        ["k6", "k6/http", "k6/metrics", "k6/timers", "k6/webcrypto", "jslib:k6-utils", "jslib:k6-summary", "jslib:url"];
    known.contains(&name)
}

/// The script `script.js` alone.
fn script(text: &str) -> Result<Bundle, SourceErrors> {
    Memory::new(&[("script.js", text)]).load("script.js")
}

/// The script `script.ts` alone.
fn typed(text: &str) -> Result<Bundle, SourceErrors> {
    Memory::new(&[("script.ts", text)]).load("script.ts")
}

/// Files of which the first is the script.
fn files(files: &[(&str, &str)]) -> Result<Bundle, SourceErrors> {
    Memory::new(files).load(files[0].0)
}

fn errors(loaded: Result<Bundle, SourceErrors>) -> String {
    match loaded {
        Ok(bundle) => format!("no error; the modules are {:?}", bundle.modules.keys()),
        Err(errors) => errors.to_string(),
    }
}

fn list(names: &BTreeSet<String>) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}
