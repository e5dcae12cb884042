//! The tree of groups with their checks, as k6's summaries hold it.

use std::fmt::Write;

use md5::{Digest, Md5};
use serde_json::{Map, Value, json};

use crate::measurement::Measurement;

/// What k6 puts between the names of a path.
const SEPARATOR: &str = "::";

/// A group, its groups and its checks. The root has no name.
#[derive(Debug, Default)]
pub struct Group {
    name: String,
    path: String,
    groups: Vec<Group>,
    checks: Vec<Check>,
}

#[derive(Debug)]
struct Check {
    name: String,
    path: String,
    passes: u64,
    fails: u64,
}

impl Group {
    /// The groups of a run. A check that is named by the path of a group and its own name lies in that group, every other at
    /// the root.
    pub fn root(measurement: &Measurement) -> Group {
        let mut root = Group::default();
        let layout = &measurement.layout;
        for path in &layout.groups {
            root.within(path);
        }
        for (name, ratio) in layout.checks.iter().zip(&measurement.judged.checks) {
            let known = |(at, _): &(usize, &str)| layout.groups.iter().any(|path| **path == name[..*at]);
            let at = name.rmatch_indices(SEPARATOR).find(known).map(|(at, _)| at);
            let (group, name) = match at {
                Some(at) => (root.within(&name[..at]), &name[at + SEPARATOR.len()..]),
                None => (&mut root, &**name),
            };
            let path = format!("{}{SEPARATOR}{name}", group.path);
            let fails = ratio.total - ratio.trues;
            group.checks.push(Check { name: name.to_owned(), path, passes: ratio.trues, fails });
        }
        root
    }

    /// The group of a path beneath this one, made where it is missing.
    fn within(&mut self, path: &str) -> &mut Group {
        path.split(SEPARATOR).fold(self, |group, name| {
            let index = group.groups.iter().position(|child| child.name == name).unwrap_or_else(|| {
                let path = format!("{}{SEPARATOR}{name}", group.path);
                group.groups.push(Group { name: name.to_owned(), path, ..Group::default() });
                group.groups.len() - 1
            });
            &mut group.groups[index]
        })
    }

    /// As `handleSummary()` gets it.
    pub fn as_lists(&self) -> Value {
        let groups: Vec<Value> = self.groups.iter().map(Group::as_lists).collect();
        let checks: Vec<Value> = self.checks.iter().map(Check::value).collect();
        json!({ "name": self.name, "path": self.path, "id": id(&self.path), "groups": groups, "checks": checks })
    }

    /// As `--summary-export` writes it.
    pub fn by_name(&self) -> Value {
        let groups: Map<String, Value> =
            self.groups.iter().map(|group| (group.name.clone(), group.by_name())).collect();
        let checks: Map<String, Value> = self.checks.iter().map(|check| (check.name.clone(), check.value())).collect();
        json!({ "name": self.name, "path": self.path, "id": id(&self.path), "groups": groups, "checks": checks })
    }
}

impl Check {
    fn value(&self) -> Value {
        json!({
            "name": self.name,
            "path": self.path,
            "id": id(&self.path),
            "passes": self.passes,
            "fails": self.fails,
        })
    }
}

/// k6's identity of a group or a check: the MD5 of its path in hexadecimal.
fn id(path: &str) -> String {
    Md5::digest(path).iter().fold(String::new(), |mut id, byte| {
        // Writing to a string can't fail.
        let _ = write!(id, "{byte:02x}");
        id
    })
}
