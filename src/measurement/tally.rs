//! Counts and distributions that add up: what workers record, what a run sums, what a file keeps.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::inflation::Inflation;
use super::layout::Layout;
use super::sample::ErrorClass;
use super::series::{Gauge, Ratio, Series};
use super::stated::Stated;
use super::trend::Trend;

/// Everything counted in one phase of a run, by the indices of a [`Layout`].
#[derive(Clone, Debug, PartialEq)]
pub struct Tally {
    pub requests: Vec<RequestTally>,
    pub scenarios: Vec<ScenarioTally>,
    /// By check.
    pub checks: Vec<Ratio>,
    /// By group: `group_duration`.
    pub groups: Vec<Trend>,
    /// By metric of the plan.
    pub custom: Vec<Series>,
    /// By submetric.
    pub submetrics: Vec<Series>,
    pub vus: Gauge,
    pub vus_max: Gauge,
    /// Where another tool wrote figures down without their samples: thresholds are judged by these alone.
    pub stated: Option<Box<Stated>>,
}

impl Tally {
    /// An empty tally with a place for each series of the layout.
    pub fn new(layout: &Layout) -> Self {
        Tally {
            requests: vec![RequestTally::default(); layout.requests.len()],
            scenarios: vec![ScenarioTally::default(); layout.scenarios.len()],
            checks: vec![Ratio::default(); layout.checks.len()],
            groups: vec![Trend::default(); layout.groups.len()],
            custom: layout.custom.iter().map(|label| Series::new(label.kind)).collect(),
            submetrics: layout.submetrics.iter().map(|label| Series::new(label.kind)).collect(),
            vus: Gauge::default(),
            vus_max: Gauge::default(),
            stated: None,
        }
    }

    /// Goes on with a layout that names more series after those that it named before.
    pub fn extend(&mut self, layout: &Layout) {
        self.requests.resize_with(layout.requests.len(), Default::default);
        self.scenarios.resize_with(layout.scenarios.len(), Default::default);
        self.checks.resize_with(layout.checks.len(), Default::default);
        self.groups.resize_with(layout.groups.len(), Default::default);
        self.custom.extend(layout.custom[self.custom.len()..].iter().map(|label| Series::new(label.kind)));
        self.submetrics.extend(layout.submetrics[self.submetrics.len()..].iter().map(|label| Series::new(label.kind)));
    }

    /// Adds the other's counts. Both have the same layout, but that one may have found more series than the other.
    pub fn merge(&mut self, other: &Tally) {
        fn each<T>(ours: &mut [T], theirs: &[T], merge: impl Fn(&mut T, &T)) {
            ours.iter_mut().zip(theirs).for_each(|(ours, theirs)| merge(ours, theirs));
        }
        grow(&mut self.requests, other.requests.len());
        grow(&mut self.checks, other.checks.len());
        grow(&mut self.groups, other.groups.len());
        each(&mut self.requests, &other.requests, RequestTally::merge);
        each(&mut self.scenarios, &other.scenarios, ScenarioTally::merge);
        each(&mut self.checks, &other.checks, Ratio::merge);
        each(&mut self.groups, &other.groups, Trend::merge);
        each(&mut self.custom, &other.custom, Series::merge);
        each(&mut self.submetrics, &other.submetrics, Series::merge);
        self.vus.merge(&other.vus);
        self.vus_max.merge(&other.vus_max);
    }

    /// Forgets all samples, keeps the memory.
    pub fn clear(&mut self) {
        self.requests.iter_mut().for_each(RequestTally::clear);
        self.scenarios.iter_mut().for_each(ScenarioTally::clear);
        self.checks.iter_mut().for_each(|ratio| *ratio = Ratio::default());
        self.groups.iter_mut().for_each(Trend::clear);
        self.custom.iter_mut().for_each(Series::clear);
        self.submetrics.iter_mut().for_each(Series::clear);
        self.vus = Gauge::default();
        self.vus_max = Gauge::default();
        self.stated = None;
    }
}

/// Makes a list at least this long.
fn grow<T: Clone + Default>(rows: &mut Vec<T>, length: usize) {
    if rows.len() < length {
        rows.resize(length, T::default());
    }
}

/// The row of a series that may have been found just now.
pub(super) fn row<T: Clone + Default>(rows: &mut Vec<T>, index: usize) -> &mut T {
    grow(rows, index + 1);
    &mut rows[index]
}

/// One request's samples. Every trend is empty until its first sample.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RequestTally {
    /// `http_reqs`: requests started.
    pub attempts: u64,
    /// Those that got a whole answer, whatever its status.
    pub responses: u64,
    /// Those without an expected response.
    pub failed: u64,
    /// Started, but cut off with their iteration: in no other count.
    pub interrupted: u64,
    /// By the index of [`ErrorClass::ALL`].
    pub errors: [u64; ErrorClass::ALL.len()],
    /// Whole answers by status.
    pub statuses: BTreeMap<u16, u64>,
    /// Those of them that the plan did not expect: with `errors` they are all that `failed` counts.
    pub unexpected: BTreeMap<u16, u64>,
    pub duration: Trend,
    /// Of expected responses only: `http_req_duration{expected_response:true}`.
    pub expected: Trend,
    /// Expected responses and time-outs at their limit: what is compared with history, since fast failures must not
    /// improve a percentile.
    pub comparable: Trend,
    /// Arrival-rate executors only.
    pub scheduled: Trend,
    /// The phases, of whole answers.
    pub blocked: Trend,
    pub connecting: Trend,
    pub tls_handshaking: Trend,
    pub sending: Trend,
    pub waiting: Trend,
    pub receiving: Trend,
    pub sent: u64,
    pub received: u64,
    /// Gated requests of the judged phase only, by block.
    pub blocks: BTreeMap<u32, Block>,
    /// What is kept of blocks that were dropped; none where they were not, or where that is not known.
    pub inflation: Option<Inflation>,
}

impl RequestTally {
    /// Requests that ended in an error of this class.
    pub fn errors_of(&self, class: ErrorClass) -> u64 {
        self.errors[class as usize]
    }

    /// The share of failed requests, 0 to 1; none without attempts.
    pub fn failure_share(&self) -> Option<f64> {
        Ratio { trues: self.failed, total: self.attempts }.share()
    }

    /// Every trend, in a fixed order.
    fn trends(&self) -> [&Trend; 10] {
        [
            &self.duration,
            &self.expected,
            &self.comparable,
            &self.scheduled,
            &self.blocked,
            &self.connecting,
            &self.tls_handshaking,
            &self.sending,
            &self.waiting,
            &self.receiving,
        ]
    }

    fn trends_mut(&mut self) -> [&mut Trend; 10] {
        [
            &mut self.duration,
            &mut self.expected,
            &mut self.comparable,
            &mut self.scheduled,
            &mut self.blocked,
            &mut self.connecting,
            &mut self.tls_handshaking,
            &mut self.sending,
            &mut self.waiting,
            &mut self.receiving,
        ]
    }

    /// Adds the other's counts.
    pub fn merge(&mut self, other: &RequestTally) {
        self.attempts += other.attempts;
        self.responses += other.responses;
        self.failed += other.failed;
        self.interrupted += other.interrupted;
        self.errors.iter_mut().zip(&other.errors).for_each(|(ours, theirs)| *ours += theirs);
        for (ours, theirs) in [(&mut self.statuses, &other.statuses), (&mut self.unexpected, &other.unexpected)] {
            theirs.iter().for_each(|(status, count)| *ours.entry(*status).or_default() += count);
        }
        self.trends_mut().into_iter().zip(other.trends()).for_each(|(ours, theirs)| ours.merge(theirs));
        self.sent += other.sent;
        self.received += other.received;
        other.blocks.iter().for_each(|(index, block)| self.blocks.entry(*index).or_default().merge(block));
        self.merge_inflation(other);
    }

    fn clear(&mut self) {
        self.trends_mut().into_iter().for_each(Trend::clear);
        self.statuses.clear();
        self.unexpected.clear();
        self.blocks.clear();
        self.inflation = None;
        (self.attempts, self.responses, self.failed, self.interrupted) = (0, 0, 0, 0);
        self.errors = Default::default();
        (self.sent, self.received) = (0, 0);
    }
}

/// A gated request's samples in one block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    pub attempts: u32,
    pub failed: u32,
    /// [`RequestTally::comparable`] of the block.
    pub counts: SparseCounts,
}

impl Block {
    /// Adds the other's counts.
    pub fn merge(&mut self, other: &Block) {
        self.attempts = self.attempts.saturating_add(other.attempts);
        self.failed = self.failed.saturating_add(other.failed);
        other.counts.iter().for_each(|(index, count)| self.counts.add(index, count));
    }
}

/// Counts of the histogram's buckets that are not empty, in the order of their index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SparseCounts(Vec<(u32, u32)>);

impl SparseCounts {
    /// Adds samples to a bucket.
    pub fn add(&mut self, index: u32, count: u32) {
        match self.0.binary_search_by_key(&index, |entry| entry.0) {
            Ok(at) => self.0[at].1 = self.0[at].1.saturating_add(count),
            Err(at) => self.0.insert(at, (index, count)),
        }
    }

    /// Index and count of each bucket.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32)> {
        self.0.iter().copied()
    }

    /// Number of samples.
    pub fn total(&self) -> u64 {
        self.0.iter().map(|entry| u64::from(entry.1)).sum()
    }
}

/// One scenario's iterations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScenarioTally {
    /// Completed, stopped and failed ones included.
    pub iterations: u64,
    /// Cut off when their time was over; in no other count.
    pub interrupted: u64,
    /// Due but never started.
    pub dropped: u64,
    /// By reason.
    pub stopped: BTreeMap<Arc<str>, u64>,
    /// By reason.
    pub errors: BTreeMap<Arc<str>, u64>,
    /// Of completed iterations.
    pub duration: Trend,
    /// Arrival-rate executors only.
    pub schedule_lag: Trend,
}

impl ScenarioTally {
    /// Adds the other's counts.
    pub fn merge(&mut self, other: &ScenarioTally) {
        self.iterations += other.iterations;
        self.interrupted += other.interrupted;
        self.dropped += other.dropped;
        other.stopped.iter().for_each(|(reason, count)| *self.stopped.entry(reason.clone()).or_default() += count);
        other.errors.iter().for_each(|(reason, count)| *self.errors.entry(reason.clone()).or_default() += count);
        self.duration.merge(&other.duration);
        self.schedule_lag.merge(&other.schedule_lag);
    }

    fn clear(&mut self) {
        (self.iterations, self.interrupted, self.dropped) = (0, 0, 0);
        self.stopped.clear();
        self.errors.clear();
        self.duration.clear();
        self.schedule_lag.clear();
    }
}
