//! Series that no plan names: a script's requests, checks and groups are known once it has made them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::layout::{Layout, RequestLabel};

/// Names of each kind that get a row of their own; the samples of later ones share [`OTHER`], since memory must not grow with
/// the load.
pub const MOST: usize = 1000;

/// The row of what came after the first [`MOST`] names.
pub const OTHER: &str = "(other)";

/// A kind of series that a script names as it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Request,
    Check,
    Group,
}

/// The names found so far, shared by all workers and both arms of a run. Their indices follow those of the layout that the run
/// began with, and never change.
#[derive(Debug)]
pub struct Found {
    layout: Arc<Layout>,
    /// The requests that are compared with history; all where none.
    compared: Option<Vec<Arc<str>>>,
    lists: [Mutex<List>; 3],
}

#[derive(Debug, Default)]
struct List {
    /// By name: its index among the found, and whether a scenario has used it.
    rows: HashMap<Arc<str>, (usize, bool)>,
    names: Vec<Arc<str>>,
}

impl Found {
    /// Nothing found yet. `compared`: the requests that are compared with history; all where none.
    pub fn new(layout: Arc<Layout>, compared: Option<Vec<Arc<str>>>) -> Self {
        Found { layout, compared, lists: Default::default() }
    }

    /// The index of a series. `in_scenario`: a scenario has used it, not setup or teardown alone.
    ///
    /// It takes a lock: a worker remembers what it was told.
    pub fn index(&self, kind: Kind, name: &str, in_scenario: bool) -> usize {
        let mut list = self.list(kind);
        let name = if list.rows.contains_key(name) || list.names.len() < MOST { name } else { OTHER };
        let next = list.names.len();
        let index = match list.rows.get_mut(name) {
            Some((index, used)) => {
                *used |= in_scenario;
                *index
            }
            None => {
                let name: Arc<str> = name.into();
                list.rows.insert(name.clone(), (next, in_scenario));
                list.names.push(name);
                next
            }
        };
        self.known(kind) + index
    }

    /// The layout with all that was found, in the order in which it was.
    pub fn layout(&self) -> Arc<Layout> {
        let [requests, checks, groups] = [Kind::Request, Kind::Check, Kind::Group].map(|kind| self.list(kind));
        if requests.names.is_empty() && checks.names.is_empty() && groups.names.is_empty() {
            return self.layout.clone();
        }
        let mut layout = Layout::clone(&self.layout);
        layout.requests.extend(requests.names.iter().map(|name| RequestLabel {
            name: name.clone(),
            // Whether a script means to send a request every time is not known.
            optional: true,
            in_scenario: requests.rows[name].1,
            gated: &**name != OTHER && self.compared.as_ref().is_none_or(|compared| compared.contains(name)),
        }));
        layout.checks.extend(checks.names.iter().cloned());
        layout.groups.extend(groups.names.iter().cloned());
        Arc::new(layout)
    }

    /// The kinds of which there were more names than rows.
    pub fn overflowed(&self) -> Vec<Kind> {
        let over = |kind: &Kind| self.list(*kind).names.len() > MOST;
        [Kind::Request, Kind::Check, Kind::Group].into_iter().filter(over).collect()
    }

    /// How many series of the kind the layout began with.
    fn known(&self, kind: Kind) -> usize {
        match kind {
            Kind::Request => self.layout.requests.len(),
            Kind::Check => self.layout.checks.len(),
            Kind::Group => self.layout.groups.len(),
        }
    }

    fn list(&self, kind: Kind) -> std::sync::MutexGuard<'_, List> {
        self.lists[kind as usize].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::measurement::Grid;

    fn layout() -> Arc<Layout> {
        let request = RequestLabel { name: "control".into(), optional: false, in_scenario: true, gated: false };
        Arc::new(Layout {
            requests: vec![request],
            scenarios: Vec::new(),
            checks: Vec::new(),
            groups: Vec::new(),
            custom: Vec::new(),
            submetrics: Vec::new(),
            control: None,
            grid: Grid::new(Duration::ZERO, Duration::from_secs(4)),
        })
    }

    #[test]
    fn names_get_the_rows_after_those_of_the_plan() {
        let found = Found::new(layout(), None);
        assert_eq!(found.layout(), layout(), "nothing was found");
        assert_eq!(found.index(Kind::Request, "GET /setup", false), 1);
        assert_eq!(found.index(Kind::Request, "GET /", false), 2);
        assert_eq!(found.index(Kind::Request, "GET /", true), 2);
        assert_eq!(found.index(Kind::Check, "status is 200", true), 0);
        let layout = found.layout();
        let rows: Vec<_> = layout.requests.iter().map(|row| (&*row.name, row.in_scenario, row.gated)).collect();
        assert_eq!(rows, [("control", true, false), ("GET /setup", false, true), ("GET /", true, true)]);
        assert_eq!(layout.checks, ["status is 200".into()]);
    }

    #[test]
    fn memory_is_bounded_whatever_a_script_names() {
        let found = Found::new(layout(), None);
        for number in 0..MOST + 50 {
            found.index(Kind::Group, &number.to_string(), true);
        }
        assert_eq!(found.index(Kind::Group, "7", true), 7, "what was there first keeps its row");
        assert_eq!(found.index(Kind::Group, "one more", true), MOST);
        assert_eq!(found.layout().groups.last().map(|name| &**name), Some(OTHER));
        assert_eq!(found.overflowed(), [Kind::Group]);
    }
}
