//! The file as a tree of nodes, each with its place. Aliases and merge keys are resolved, duplicate keys refused.

mod parse;
mod syntax;

use std::sync::Arc;

use crate::plan::error::{Place, join};

pub use parse::parse;

/// Longest text that an error repeats, in characters.
const LONGEST_SHOWN: usize = 60;

/// A value with its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// Of a scalar or a list's item itself; of a list or a map under a key, the key's.
    pub place: Place,
    pub content: Content,
}

#[derive(Clone, Debug)]
pub enum Content {
    Scalar(Scalar),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// Text as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    pub text: String,
    /// Without quotes: it may mean a number, a boolean or nothing.
    pub plain: bool,
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub key: String,
    pub place: Place,
    pub value: Node,
}

impl Scalar {
    /// YAML's null: `~`, `null` or nothing at all.
    pub fn is_null(&self) -> bool {
        self.plain && matches!(self.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }
}

impl Node {
    /// What the node is, for errors.
    pub fn kind(&self) -> String {
        match &self.content {
            Content::Scalar(scalar) if scalar.is_null() => "an empty value".to_owned(),
            Content::Scalar(scalar) if scalar.text.chars().nth(LONGEST_SHOWN).is_some() => {
                format!("`{}…`", scalar.text.chars().take(LONGEST_SHOWN).collect::<String>())
            }
            Content::Scalar(scalar) => format!("`{}`", scalar.text),
            Content::List(_) => "a list".to_owned(),
            Content::Map(_) => "a map".to_owned(),
        }
    }

    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        let Content::Map(entries) = &self.content else { return None };
        entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The same node, marked as one of base's plan.
    pub fn of_base(&self) -> Node {
        let place = |place: &Place| Place { at_base: true, ..place.clone() };
        let content = match &self.content {
            Content::Scalar(scalar) => Content::Scalar(scalar.clone()),
            Content::List(items) => Content::List(items.iter().map(Node::of_base).collect()),
            Content::Map(entries) => {
                let of_base = |entry: &Entry| Entry {
                    key: entry.key.clone(),
                    place: place(&entry.place),
                    value: entry.value.of_base(),
                };
                Content::Map(entries.iter().map(of_base).collect())
            }
        };
        Node { place: place(&self.place), content }
    }

    /// Whether both say the same, wherever they stand and in whatever order their keys are.
    pub fn says_as(&self, other: &Node) -> bool {
        match (&self.content, &other.content) {
            (Content::Scalar(one), Content::Scalar(other)) => one == other,
            (Content::List(one), Content::List(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.says_as(other))
            }
            (Content::Map(one), Content::Map(others)) => {
                let has = |entry: &Entry| other.get(&entry.key).is_some_and(|value| value.says_as(&entry.value));
                one.len() == others.len() && one.iter().all(has)
            }
            _ => false,
        }
    }

    /// How many nodes it is made of, itself included.
    fn size(&self) -> usize {
        1 + match &self.content {
            Content::Scalar(_) => 0,
            Content::List(items) => items.iter().map(Node::size).sum(),
            Content::Map(entries) => entries.iter().map(|entry| entry.value.size()).sum(),
        }
    }

    /// How deep it is nested.
    fn depth(&self) -> usize {
        match &self.content {
            Content::Scalar(_) => 0,
            Content::List(items) => 1 + items.iter().map(Node::depth).max().unwrap_or(0),
            Content::Map(entries) => 1 + entries.iter().map(|entry| entry.value.depth()).max().unwrap_or(0),
        }
    }

    /// The same node as it is found at another path.
    fn at_path(&self, path: &Arc<str>) -> Node {
        let content = match &self.content {
            Content::Scalar(scalar) => Content::Scalar(scalar.clone()),
            Content::List(items) => Content::List(
                items.iter().enumerate().map(|(i, item)| item.at_path(&format!("{path}[{i}]").into())).collect(),
            ),
            Content::Map(entries) => Content::Map(entries.iter().map(|entry| entry.at_path(path)).collect()),
        };
        Node { place: Place { path: path.clone(), ..self.place.clone() }, content }
    }
}

impl Entry {
    fn at_path(&self, parent: &str) -> Entry {
        let path: Arc<str> = join(parent, &self.key).into();
        Entry {
            key: self.key.clone(),
            place: Place { path: path.clone(), ..self.place.clone() },
            value: self.value.at_path(&path),
        }
    }
}
