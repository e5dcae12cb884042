//! Counts and distributions that add up: what workers record, what a run sums, what a file keeps.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::layout::Layout;
use super::sample::ErrorClass;
use super::trend::Trend;

/// Everything counted in one phase of a run, by the indices of a [`Layout`].
#[derive(Clone, Debug)]
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
}

impl Tally {
    /// An empty tally with a place for each series of the layout.
    pub fn new(_layout: &Layout) -> Self {
        todo!()
    }

    /// Adds the other's counts. Both have the same layout.
    pub fn merge(&mut self, _other: &Tally) {
        todo!()
    }

    /// Forgets all samples, keeps the memory.
    pub fn clear(&mut self) {
        todo!()
    }
}

/// One request's samples. Every trend is empty until its first sample.
#[derive(Clone, Debug, Default)]
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
    /// Answers by status.
    pub statuses: BTreeMap<u16, u64>,
    pub duration: Trend,
    /// Of expected responses only: `http_req_duration{expected_response:true}`.
    pub expected: Trend,
    /// Expected responses and time-outs at their limit: what is compared with history, since fast failures must not
    /// improve a percentile.
    pub comparable: Trend,
    /// Arrival-rate executors only.
    pub scheduled: Trend,
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
}

/// A gated request's samples in one block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    pub attempts: u32,
    pub failed: u32,
    /// [`RequestTally::comparable`] of the block: index of the histogram's bucket and its count, in order.
    pub counts: BTreeMap<u32, u32>,
}

/// One scenario's iterations.
#[derive(Clone, Debug, Default)]
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

/// Samples that were true, of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ratio {
    pub trues: u64,
    pub total: u64,
}

/// A last value with its extremes; none of them before the first sample.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Gauge {
    pub last: Option<f64>,
    pub min: Option<f64>,
    pub max: Option<f64>,
}

/// A metric's samples, by its kind.
#[derive(Clone, Debug)]
pub enum Series {
    /// Sum and number of samples.
    Counter {
        sum: f64,
        samples: u64,
    },
    Gauge(Gauge),
    Rate(Ratio),
    Trend(Box<Trend>),
}
