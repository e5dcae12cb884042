//! Closed maps: every key is known, or an error.

use super::read::{Field, Read};
use super::tree::{Content, Entry, Node};
use crate::plan::error::{Problems, list, nearest};

/// The entries of a closed map, taken one after another; what is left over is unknown.
pub struct Object<'node> {
    entries: &'node [Entry],
    known: &'static [(&'static str, &'static str)],
    /// Keys that an unknown one was probably meant to be.
    misspelt: Vec<&'static str>,
    unknown: bool,
}

impl<'node> Object<'node> {
    /// Opens the map and notes its unknown keys. `known` are the keys as the docs write them and in snake_case.
    pub fn open(
        node: &'node Node,
        what: &str,
        known: &'static [(&'static str, &'static str)],
        problems: &mut Problems,
    ) -> Option<Self> {
        let Content::Map(entries) = &node.content else {
            let keys = list(known.iter().map(|(key, _)| *key));
            problems.add(&node.place, format!("{} is not {what}", node.kind()), format!("write a map of {keys}"));
            return None;
        };
        let mut object = Object { entries, known, misspelt: Vec::new(), unknown: false };
        for entry in entries {
            if known.iter().any(|(key, snake)| entry.key == *key || same_snake(&entry.key, snake)) {
                continue;
            }
            let near = nearest_key(&entry.key, known);
            let help = match near {
                Some((_, spelling)) => format!("did you mean `{spelling}`?"),
                None if what == "a step" && entry.key == "flow" => {
                    "a scenario names its flow; to repeat steps in another flow, write an anchor `&name` and `*name`"
                        .to_owned()
                }
                None => format!("known here: {}", list(known.iter().map(|(key, _)| *key))),
            };
            problems.add(&entry.place, format!("unknown key `{}`", entry.key), help);
            object.unknown = true;
            object.misspelt.extend(near.map(|(key, _)| key));
        }
        Some(object)
    }

    /// Whether it holds a key that is not known.
    pub fn has_unknown(&self) -> bool {
        self.unknown
    }

    /// Reads the entry under the key.
    pub fn field<T: Read>(&self, key: &'static str, problems: &mut Problems) -> Field<T> {
        let snake = self.known.iter().find(|(known, _)| *known == key).map_or(key, |(_, snake)| snake);
        let mut found = self.entries.iter().filter(|e| e.key == key || same_snake(&e.key, snake));
        let Some(entry) = found.next() else {
            // What is there under a misspelt key is not missing.
            return if self.misspelt.contains(&key) { Field::Broken } else { Field::Absent };
        };
        if let Some(second) = found.next() {
            let problem = format!("`{}` and `{}` are the same key", entry.key, second.key);
            problems.add(&second.place, problem, format!("the first is on line {}", entry.place.line));
        }
        match T::read(&entry.value, problems) {
            Some(value) => Field::Given { key: entry.place.clone(), value },
            None => Field::Broken,
        }
    }
}

/// Whether the key is the field's name in snake_case; a field named like a word of Rust's ends in `_`.
fn same_snake(key: &str, field: &str) -> bool {
    key == field.strip_suffix('_').unwrap_or(field)
}

/// Whether two spellings, camelCase or snake_case, name one key.
pub fn same_key(a: &str, b: &str) -> bool {
    let squash = |key: &str| key.replace('_', "").to_lowercase();
    a == b || squash(a) == squash(b)
}

/// The key that an unknown one was probably meant to be, and how to spell it: in camelCase or, if that is nearer, in
/// snake_case.
fn nearest_key(key: &str, known: &[(&'static str, &'static str)]) -> Option<(&'static str, &'static str)> {
    if let Some(near) = nearest(key, known.iter().map(|(key, _)| *key)) {
        return Some((near, near));
    }
    let near = nearest(key, known.iter().map(|(_, snake)| *snake))?;
    known.iter().find(|(_, snake)| *snake == near).copied()
}
