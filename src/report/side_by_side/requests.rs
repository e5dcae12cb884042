//! Each request of both runs.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::measurement::{Measurement, RequestTally, Trend};
use crate::metric::{Statistic, Unit};

use super::Runs;
use super::figures::{Figure, FigurePair, MetricPair, Pair, Quantity, SharePair};
use super::metrics::{DISTRIBUTION, PHASE};

/// A request in both runs.
#[derive(Clone, Debug, Serialize)]
pub struct RequestPair {
    pub name: String,
    pub standing: Standing,
    pub count: Pair,
    pub rate: Pair,
    pub failed: SharePair,
    pub duration: Vec<FigurePair>,
    /// Durations of expected responses, where either run has others too: fast failures improve a percentile.
    pub expected_duration: Option<Vec<FigurePair>>,
    /// Those that took any time in either run.
    pub phases: Vec<MetricPair>,
}

/// Which run has the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    Both,
    /// Both, but its definition is another one.
    Redefined,
    /// Only the new one.
    Added,
    /// Only the old one.
    Removed,
}

impl Standing {
    /// Of a request that the old and the new run know or don't; at least one of them does.
    fn of(runs: Runs<'_>, name: &str, known: (bool, bool)) -> Standing {
        let (old, new) = runs.each(|run| run.contract.requests.get(name));
        match known {
            (false, _) => Standing::Added,
            (_, false) => Standing::Removed,
            _ if old != new => Standing::Redefined,
            _ => Standing::Both,
        }
    }
}

/// Every request of either run.
pub(super) fn standings(runs: Runs<'_>) -> Vec<(&str, Standing)> {
    let (old, new) = runs.each(by_name);
    let standing = |name| (name, Standing::of(runs, name, (old.contains_key(name), new.contains_key(name))));
    runs.names(labels).into_iter().map(standing).collect()
}

fn labels(run: &Measurement) -> Vec<&str> {
    run.layout.requests.iter().map(|label| &*label.name).collect()
}

impl RequestPair {
    /// Every statistic of it.
    pub fn figures(&self) -> impl Iterator<Item = &FigurePair> {
        let phases = self.phases.iter().flat_map(|phase| &phase.figures);
        self.duration.iter().chain(self.expected_duration.iter().flatten()).chain(phases)
    }
}

type ByName<'a> = BTreeMap<&'a str, &'a RequestTally>;

pub(super) fn pairs(runs: Runs<'_>) -> Vec<RequestPair> {
    let (old, new) = runs.each(by_name);
    let names = runs.names(labels);
    let pairs = names.into_iter().filter_map(|name| pair(runs, name, old.get(name).copied(), new.get(name).copied()));
    pairs.collect()
}

fn by_name(run: &Measurement) -> ByName<'_> {
    run.layout.requests.iter().map(|label| &*label.name).zip(&run.judged.requests).collect()
}

/// None for a request that was attempted in neither.
fn pair(runs: Runs<'_>, name: &str, old: Option<&RequestTally>, new: Option<&RequestTally>) -> Option<RequestPair> {
    if !old.iter().chain(&new).any(|tally| tally.attempts + tally.interrupted > 0) {
        return None;
    }
    let rate = |tally: Option<&RequestTally>, run: &Measurement| {
        let seconds = run.judged_for.as_secs_f64();
        tally.filter(|_| seconds > 0.0).map(|tally| Figure::exact(tally.attempts as f64 / seconds))
    };
    let failed = |tally: Option<&RequestTally>| tally.map(|tally| (tally.failed, tally.attempts));
    let attempts = |tally: &RequestTally| tally.attempts;
    Some(RequestPair {
        name: name.into(),
        standing: Standing::of(runs, name, (old.is_some(), new.is_some())),
        count: Pair::counts(old.map(attempts), new.map(attempts)),
        rate: Pair::new(Quantity::PerSecond(Unit::Plain), rate(old, runs.old), rate(new, runs.new)),
        failed: SharePair::new(failed(old), failed(new)),
        duration: times(DISTRIBUTION, old, new, |tally| &tally.duration),
        expected_duration: old
            .iter()
            .chain(&new)
            .any(|tally| tally.expected.count() != tally.duration.count())
            .then(|| times(DISTRIBUTION, old, new, |tally| &tally.expected)),
        phases: phases(old, new),
    })
}

type TrendOf = fn(&RequestTally) -> &Trend;

fn times(
    statistics: &[Statistic],
    old: Option<&RequestTally>,
    new: Option<&RequestTally>,
    of: TrendOf,
) -> Vec<FigurePair> {
    FigurePair::of_times(statistics, old.map(of), new.map(of))
}

fn phases(old: Option<&RequestTally>, new: Option<&RequestTally>) -> Vec<MetricPair> {
    let phases: [(&str, TrendOf); 6] = [
        ("blocked", |tally| &tally.blocked),
        ("connecting", |tally| &tally.connecting),
        ("tls_handshaking", |tally| &tally.tls_handshaking),
        ("sending", |tally| &tally.sending),
        ("waiting", |tally| &tally.waiting),
        ("receiving", |tally| &tally.receiving),
    ];
    let pairs =
        phases.into_iter().map(|(name, of)| MetricPair { name: name.into(), figures: times(PHASE, old, new, of) });
    pairs.filter(MetricPair::took_time).collect()
}
