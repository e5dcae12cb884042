//! What failed in both runs, by place and reason, and the checks.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use crate::measurement::{ErrorClass, Measurement, RequestTally, ScenarioTally};

use super::Runs;
use super::figures::{Part, SharePair};

/// Failures of a kind in one place, and their share of the place's requests or iterations.
#[derive(Clone, Debug, Serialize)]
pub struct FailurePair {
    /// A request, or `scenario NAME`.
    pub place: String,
    /// `timeout error`, `status 500`, `iterations stopped: REASON`
    pub what: String,
    #[serde(flatten)]
    pub figures: SharePair,
}

/// A check, by how often it failed.
#[derive(Clone, Debug, Serialize)]
pub struct CheckPair {
    pub name: String,
    pub failed: SharePair,
}

/// What failed in one run: in each place, by reason; and how many requests or iterations there were.
#[derive(Default)]
struct Place {
    all: u64,
    reasons: BTreeMap<Reason, u64>,
}

/// In the order of the reports.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    Error(ErrorClass),
    Status(u16),
    Stopped(Arc<str>),
    Failed(Arc<str>),
}

impl Reason {
    fn words(&self) -> String {
        match self {
            Reason::Error(class) => format!("{class} error"),
            Reason::Status(status) => format!("status {status}"),
            Reason::Stopped(reason) => format!("iterations stopped: {reason}"),
            Reason::Failed(reason) => format!("iterations failed: {reason}"),
        }
    }
}

/// Every kind of failure that either run has.
pub(super) fn failures(runs: Runs<'_>) -> Vec<FailurePair> {
    let mut pairs = Vec::new();
    let requests = runs.names(|run| run.layout.requests.iter().map(|label| &*label.name).collect());
    add(&mut pairs, requests, runs.each(requests_of), |name| name.to_owned());
    let scenarios = runs.names(|run| run.layout.scenarios.iter().map(|label| &*label.name).collect());
    add(&mut pairs, scenarios, runs.each(scenarios_of), |name| format!("scenario {name}"));
    pairs
}

type Places<'a> = BTreeMap<&'a str, Place>;

fn add(
    pairs: &mut Vec<FailurePair>,
    names: Vec<&str>,
    (old, new): (Places<'_>, Places<'_>),
    shown: impl Fn(&str) -> String,
) {
    for name in names {
        let (old, new) = (old.get(name), new.get(name));
        let reasons: BTreeSet<&Reason> = old.iter().chain(&new).flat_map(|place| place.reasons.keys()).collect();
        let part = |place: Option<&Place>, reason: &Reason| -> Option<Part> {
            place.map(|place| (place.reasons.get(reason).copied().unwrap_or(0), place.all))
        };
        pairs.extend(reasons.into_iter().map(|reason| FailurePair {
            place: shown(name),
            what: reason.words(),
            figures: SharePair::new(part(old, reason), part(new, reason)),
        }));
    }
}

fn requests_of(run: &Measurement) -> Places<'_> {
    let place = |tally: &RequestTally| {
        let classes = ErrorClass::ALL.into_iter().map(|class| (Reason::Error(class), tally.errors_of(class)));
        let statuses = tally.unexpected.iter().map(|(status, count)| (Reason::Status(*status), *count));
        Place { all: tally.attempts, reasons: classes.chain(statuses).filter(|(_, count)| *count > 0).collect() }
    };
    run.layout.requests.iter().map(|label| &*label.name).zip(run.judged.requests.iter().map(place)).collect()
}

fn scenarios_of(run: &Measurement) -> Places<'_> {
    let place = |tally: &ScenarioTally| {
        let stopped = tally.stopped.iter().map(|(reason, count)| (Reason::Stopped(reason.clone()), *count));
        let failed = tally.errors.iter().map(|(reason, count)| (Reason::Failed(reason.clone()), *count));
        Place { all: tally.iterations, reasons: stopped.chain(failed).collect() }
    };
    run.layout.scenarios.iter().map(|label| &*label.name).zip(run.judged.scenarios.iter().map(place)).collect()
}

/// Every check that was made in either run.
pub(super) fn checks(runs: Runs<'_>) -> Vec<CheckPair> {
    let of = |run: &Measurement| -> BTreeMap<Arc<str>, Part> {
        let checks = run.layout.checks.iter().cloned().zip(&run.judged.checks);
        checks.map(|(name, ratio)| (name, (ratio.total - ratio.trues, ratio.total))).collect()
    };
    let (old, new) = runs.each(of);
    let names = runs.names(|run| run.layout.checks.iter().map(|name| &**name).collect());
    let pairs = names.into_iter().filter_map(|name| {
        let (old, new) = (old.get(name).copied(), new.get(name).copied());
        let made = old.iter().chain(&new).any(|(_, all)| *all > 0);
        made.then(|| CheckPair { name: name.into(), failed: SharePair::new(old, new) })
    });
    pairs.collect()
}
