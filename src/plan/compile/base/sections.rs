//! Which sections of a pull request's plan are read from base.

use super::map;
use crate::plan::error::list;
use crate::plan::file::object::same_key;
use crate::plan::file::profile::entry_mut;
use crate::plan::file::tree::{Content, Entry, Node};

/// What the load touches, and what it is told of the environment: from base, so that a pull request can't turn the load
/// against another host, nor send a secret elsewhere.
const TOUCHING: [&str; 4] = ["target", "reference", "env", "secrets"];
/// Judge beside the pull request's own.
const RULES: [&str; 2] = ["thresholds", "gate"];
/// Keys of `gate` that say what is run and measured, not what is asked of it: those of the plan that is run count.
const MEASURING: [&str; 3] = ["judge", "warmup", "control"];

/// What is read of base's plan.
pub fn kept(theirs: &Node) -> Node {
    let sections = map(theirs).iter().filter(|entry| TOUCHING.iter().chain(&RULES).any(|key| *key == entry.key));
    let mut kept = Node { place: theirs.place.clone(), content: Content::Map(sections.cloned().collect()) };
    if let Some(gate) = entry_mut(&mut kept, "gate")
        && let Content::Map(entries) = &mut gate.value.content
    {
        entries.retain(|entry| !MEASURING.iter().any(|key| same_key(key, &entry.key)));
    }
    kept
}

/// The pull request's tree with base's sections in the place of its own.
pub fn touching(ours: &Node, theirs: &Node) -> Node {
    let is_touching = |entry: &&Entry| TOUCHING.contains(&entry.key.as_str());
    let own = map(ours).iter().filter(|entry| !is_touching(entry));
    let base = map(theirs).iter().filter(is_touching);
    Node { place: ours.place.clone(), content: Content::Map(own.chain(base).cloned().collect()) }
}

/// Says which keys of the pull request wait for its merge.
pub fn later(ours: &Node, theirs: &Node) -> Option<String> {
    let mut keys = Vec::new();
    for section in TOUCHING {
        match (ours.get(section), theirs.get(section)) {
            (Some(own), Some(base)) if own.says_as(base) => {}
            (Some(own), Some(base)) if !map(own).is_empty() && !map(base).is_empty() => {
                keys.extend(differing(own, base).into_iter().map(|key| format!("{section}.{key}")));
            }
            (None, None) => {}
            _ => keys.push(section.to_owned()),
        }
    }
    let [take, are] = if keys.len() == 1 { ["takes", "is"] } else { ["take", "are"] };
    let keys = list(keys.iter().map(String::as_str));
    (!keys.is_empty())
        .then(|| format!("{keys} of this pull request {take} effect after it is merged: base's {are} used"))
}

/// The keys that not both maps have with the same value.
fn differing<'n>(own: &'n Node, base: &'n Node) -> Vec<&'n str> {
    let other = |entry: &Entry, node: &Node| {
        let found = map(node).iter().find(|other| same_key(&other.key, &entry.key));
        found.is_none_or(|other| !other.value.says_as(&entry.value))
    };
    let mut keys: Vec<&str> = map(own).iter().filter(|entry| other(entry, base)).map(|entry| &*entry.key).collect();
    let removed = map(base).iter().filter(|entry| !map(own).iter().any(|ours| same_key(&ours.key, &entry.key)));
    keys.extend(removed.map(|entry| &*entry.key));
    keys
}

/// `env.NAME` and `secret.NAME` that the pull request declares and base doesn't.
pub fn unmerged(ours: &Node, theirs: &Node) -> Vec<String> {
    let mut unmerged = Vec::new();
    for (section, root) in [("env", "env"), ("secrets", "secret")] {
        let known = names(theirs.get(section));
        let own = names(ours.get(section)).into_iter().filter(|name| !known.contains(name));
        unmerged.extend(own.map(|name| format!("{root}.{name}")));
    }
    unmerged
}

fn names(section: Option<&Node>) -> Vec<&str> {
    let Some(Content::List(items)) = section.map(|node| &node.content) else { return Vec::new() };
    items.iter().filter_map(text).collect()
}

fn text(node: &Node) -> Option<&str> {
    match &node.content {
        Content::Scalar(scalar) => Some(&scalar.text),
        _ => None,
    }
}

/// Says that base measures another phase, after another warm-up or beside another control: no rule of base's can make up for
/// that, so it is never left unsaid.
pub fn other_phase(ours: &Node, theirs: &Node) -> Option<String> {
    let of = |node: &'_ Node, key: &str| {
        let gate = node.get("gate")?;
        map(gate).iter().find(|entry| same_key(&entry.key, key)).map(|entry| entry.value.clone())
    };
    let differs = |key: &&&str| match (of(ours, key), of(theirs, key)) {
        (Some(own), Some(base)) => !own.says_as(&base),
        (own, base) => own.is_some() || base.is_some(),
    };
    let keys: Vec<String> = MEASURING.iter().filter(differs).map(|key| format!("gate.{key}")).collect();
    let keys = list(keys.iter().map(String::as_str));
    (!keys.is_empty()).then(|| {
        format!("{keys} of this pull request differs from base's: base's limits judge what this pull request's plan measures")
    })
}
