//! The lock file: which content each remote module had when it was first imported.
//!
//! It lies beside the script and belongs into its repository. A module whose content is another than the lock says is
//! never run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The file's name.
pub(super) const NAME: &str = "loadgate-lock.json";

const VERSION: u32 = 1;

/// What is known of remote modules, by URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lock {
    entries: BTreeMap<String, String>,
    changed: bool,
}

/// What a URL leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// The hash of the content, SHA-256 in hexadecimal digits.
    Content(String),
    /// Another URL: that of a certain version, mostly.
    Redirect(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    modules: BTreeMap<String, String>,
}

impl Lock {
    /// Reads the file. The error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Lock, String> {
        let file: File = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if file.version != VERSION {
            return Err(format!("its version is {}, and only {VERSION} is known", file.version));
        }
        if let Some((url, _)) = file.modules.iter().find(|(_, value)| entry(value).is_none()) {
            return Err(format!("the entry of {url} is neither `sha256:` and 64 digits nor a URL of https"));
        }
        Ok(Lock { entries: file.modules, changed: false })
    }

    /// What the file is to be, if that has changed.
    pub fn changed(&self) -> Option<String> {
        let file = File { version: VERSION, modules: self.entries.clone() };
        // Text as keys and values: this can't fail.
        self.changed.then(|| serde_json::to_string_pretty(&file).map(|text| text + "\n").unwrap_or_default())
    }

    pub fn get(&self, url: &str) -> Option<Entry> {
        self.entries.get(url).and_then(|value| entry(value))
    }

    pub fn set(&mut self, url: &str, entry: Entry) {
        let value = match entry {
            Entry::Content(digest) => format!("sha256:{digest}"),
            Entry::Redirect(url) => url,
        };
        if self.entries.get(url) != Some(&value) {
            self.entries.insert(url.to_owned(), value);
            self.changed = true;
        }
    }
}

fn entry(value: &str) -> Option<Entry> {
    if value.starts_with("https://") {
        return Some(Entry::Redirect(value.to_owned()));
    }
    let digest = value.strip_prefix("sha256:")?;
    let is_digest = digest.len() == 64 && digest.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
    is_digest.then(|| Entry::Content(digest.to_owned()))
}
