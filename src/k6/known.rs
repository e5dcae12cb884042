//! What a worker remembers of a deployment's part of a run, so that what it has met before takes neither a lock nor a parser.

use std::cell::RefCell;
use std::ptr;
use std::sync::{Arc, Weak};

use rustc_hash::FxHashMap;
use url::Url;

use crate::load::Arm;
use crate::measurement::Found;
use crate::measurement::found::{Kind, MOST, OTHER};

/// Bytes of the longest text that is remembered: memory must not grow with the load.
const LONGEST: usize = 1024;

/// Whose names they are.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    pub found: &'a Arc<Found>,
    /// Two deployments of a run have URLs of their own.
    pub arm: &'a Arc<Arm>,
}

#[derive(Default)]
struct Known {
    found: Weak<Found>,
    arm: Weak<Arm>,
    urls: FxHashMap<String, Url>,
    /// Rows of requests by the name or URL that they were asked by.
    asked: FxHashMap<String, Vec<Asked>>,
    /// Rows of requests by their names, and whether each is known to be of a scenario.
    requests: FxHashMap<String, (usize, bool)>,
    checks: FxHashMap<String, usize>,
    groups: FxHashMap<String, usize>,
    names: FxHashMap<usize, Arc<str>>,
}

struct Asked {
    method: Box<str>,
    row: usize,
    in_scenario: bool,
}

thread_local! {
    static KNOWN: RefCell<Vec<Known>> = RefCell::default();
}

fn known<T>(of: Part<'_>, with: impl FnOnce(&mut Known) -> T) -> T {
    // What is over stays in its place in memory as long as it is known here: no other can be taken for it.
    let is_same = |known: &Known| {
        ptr::eq(known.found.as_ptr(), Arc::as_ptr(of.found)) && ptr::eq(known.arm.as_ptr(), Arc::as_ptr(of.arm))
    };
    KNOWN.with_borrow_mut(|all| {
        let at = all.iter().position(is_same).unwrap_or_else(|| {
            all.retain(|known| known.found.strong_count() > 0);
            let (found, arm) = (Arc::downgrade(of.found), Arc::downgrade(of.arm));
            all.push(Known { found, arm, ..Known::default() });
            all.len() - 1
        });
        with(&mut all[at])
    })
}

/// Remembers a value, unless there is too much of the kind, or the text is too long.
fn remember<T>(map: &mut FxHashMap<String, T>, text: &str, value: T) {
    if map.len() < MOST && text.len() <= LONGEST {
        map.insert(text.to_owned(), value);
    }
}

/// The URL that a text stands for.
pub fn url<E>(of: Part<'_>, text: &str, parse: impl FnOnce() -> Result<Url, E>) -> Result<Url, E> {
    known(of, |known| {
        if let Some(url) = known.urls.get(text) {
            return Ok(url.clone());
        }
        let url = parse()?;
        remember(&mut known.urls, text, url.clone());
        Ok(url)
    })
}

/// The row of a request that is asked by a method and a name; `row` tells the name of the row.
pub fn request(of: Part<'_>, method: &str, name: &str, in_scenario: bool, row: impl FnOnce() -> String) -> usize {
    known(of, |known| {
        let of_method = |asked: &&Asked| &*asked.method == method && (asked.in_scenario || !in_scenario);
        if let Some(asked) = known.asked.get(name).and_then(|asked| asked.iter().find(of_method)) {
            return asked.row;
        }
        let row = known.row(of.found, row(), in_scenario);
        let asked = Asked { method: method.into(), row, in_scenario };
        match known.asked.get_mut(name) {
            Some(others) => {
                others.retain(|other| *other.method != *method);
                others.push(asked);
            }
            None => remember(&mut known.asked, name, vec![asked]),
        }
        row
    })
}

impl Known {
    fn row(&mut self, found: &Found, name: String, in_scenario: bool) -> usize {
        match self.requests.get(&name) {
            Some((row, used)) if *used || !in_scenario => *row,
            _ => {
                let row = found.index(Kind::Request, &name, in_scenario);
                if self.requests.len() < MOST {
                    self.names.insert(row, name.as_str().into());
                    self.requests.insert(name, (row, in_scenario));
                }
                row
            }
        }
    }
}

/// The name of a row of requests.
pub fn request_name(of: Part<'_>, row: usize) -> Arc<str> {
    known(of, |known| known.names.get(&row).cloned()).unwrap_or_else(|| OTHER.into())
}

/// The row of a check.
pub fn check(of: Part<'_>, name: &str) -> usize {
    known(of, |known| remembered(&mut known.checks, name, || of.found.index(Kind::Check, name, true)))
}

/// The row of a group.
pub fn group(of: Part<'_>, name: &str) -> usize {
    known(of, |known| remembered(&mut known.groups, name, || of.found.index(Kind::Group, name, true)))
}

fn remembered(map: &mut FxHashMap<String, usize>, name: &str, find: impl FnOnce() -> usize) -> usize {
    if let Some(row) = map.get(name) {
        return *row;
    }
    let row = find();
    remember(map, name, row);
    row
}
