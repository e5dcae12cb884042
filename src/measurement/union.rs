//! Runs of one plan that have found different series: rows are brought together by their names.

use std::collections::HashMap;
use std::sync::Arc;

use super::Measurement;
use super::layout::{Layout, RequestLabel};
use super::tally::Tally;

impl Layout {
    /// Whether the other differs by no more than the requests, checks and groups that its run has found.
    pub fn is_alike(&self, other: &Layout) -> bool {
        let named = |layout: &Layout| Layout {
            requests: Vec::new(),
            checks: Vec::new(),
            groups: Vec::new(),
            control: None,
            ..layout.clone()
        };
        let control = |layout: &Layout| layout.control.map(|control| layout.requests[control.request].name.clone());
        named(self) == named(other) && control(self) == control(other)
    }

    /// The series of both, ours first.
    fn union(&self, other: &Layout) -> Layout {
        let mut union = self.clone();
        let mut rows: HashMap<Arc<str>, usize> =
            self.requests.iter().enumerate().map(|(index, row)| (row.name.clone(), index)).collect();
        for row in &other.requests {
            match rows.get(&row.name) {
                Some(index) => join(&mut union.requests[*index], row),
                None => {
                    rows.insert(row.name.clone(), union.requests.len());
                    union.requests.push(row.clone());
                }
            }
        }
        for (ours, theirs) in [(&mut union.checks, &other.checks), (&mut union.groups, &other.groups)] {
            let new = theirs.iter().filter(|name| !ours.contains(name)).cloned().collect::<Vec<_>>();
            ours.extend(new);
        }
        union
    }
}

/// A row that setup alone has used in one run may be a scenario's in another.
fn join(ours: &mut RequestLabel, theirs: &RequestLabel) {
    ours.in_scenario |= theirs.in_scenario;
    ours.gated |= theirs.gated;
    ours.optional &= theirs.optional;
}

impl Measurement {
    /// Gives both the series of both, under the same indices.
    pub fn align(&mut self, other: &mut Measurement) {
        if self.layout == other.layout {
            return;
        }
        let union = Arc::new(self.layout.union(&other.layout));
        for run in [self, other] {
            run.judged = arranged(std::mem::replace(&mut run.judged, Tally::new(&union)), &run.layout, &union);
            run.unjudged = arranged(std::mem::replace(&mut run.unjudged, Tally::new(&union)), &run.layout, &union);
            run.layout = union.clone();
        }
    }
}

/// A tally's rows where a layout with more of them has them.
fn arranged(tally: Tally, from: &Layout, to: &Layout) -> Tally {
    let requests = places(from.requests.iter().map(|row| &row.name), to.requests.iter().map(|row| &row.name));
    let (checks, groups) = (places(&from.checks, &to.checks), places(&from.groups, &to.groups));
    Tally {
        requests: spread(tally.requests, &requests, to.requests.len()),
        checks: spread(tally.checks, &checks, to.checks.len()),
        groups: spread(tally.groups, &groups, to.groups.len()),
        ..tally
    }
}

/// Where each name of the first list stands in the second, which has all of them.
fn places<'a>(from: impl IntoIterator<Item = &'a Arc<str>>, to: impl IntoIterator<Item = &'a Arc<str>>) -> Vec<usize> {
    let to: HashMap<&str, usize> = to.into_iter().enumerate().map(|(index, name)| (&**name, index)).collect();
    from.into_iter().filter_map(|name| to.get(&**name).copied()).collect()
}

fn spread<T: Clone + Default>(rows: Vec<T>, places: &[usize], length: usize) -> Vec<T> {
    let mut spread = vec![T::default(); length];
    for (row, place) in rows.into_iter().zip(places) {
        spread[*place] = row;
    }
    spread
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measurement::simulated::{Simulated, SimulatedRequest};

    fn run(names: &[&'static str]) -> Measurement {
        let requests = names.iter().enumerate().map(|(index, name)| SimulatedRequest {
            count: 100 * (index as u32 + 1),
            ..SimulatedRequest::new(name, 10.0)
        });
        Simulated::new(requests.collect()).measure()
    }

    fn attempts(run: &Measurement) -> Vec<(&str, u64)> {
        let rows = run.layout.requests.iter().zip(&run.judged.requests);
        rows.map(|(label, row)| (&*label.name, row.attempts)).collect()
    }

    #[test]
    fn rows_come_together_by_name() {
        let (mut ours, mut theirs) = (run(&["a", "b"]), run(&["c", "b", "a"]));
        assert!(ours.layout.is_alike(&theirs.layout));
        ours.align(&mut theirs);
        assert_eq!(ours.layout, theirs.layout);
        assert_eq!(attempts(&ours), [("a", 100), ("b", 200), ("c", 0)]);
        assert_eq!(attempts(&theirs), [("a", 300), ("b", 200), ("c", 100)]);
    }
}
