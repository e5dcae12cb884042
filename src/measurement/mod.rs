//! What a run measured: samples as they are recorded, the tallies they add up to, and the file that keeps them.

pub mod bucket;
pub mod claim;
pub mod contract;
pub mod evidence;
pub mod exhausted;
pub mod file;
pub mod found;
mod inflation;
pub mod layout;
pub mod merge;
pub mod query;
pub mod recorder;
pub mod sample;
pub mod series;
pub mod shards;
#[cfg(test)]
pub mod simulated;
pub mod stated;
mod stored;
pub mod tally;
pub mod trend;
mod union;

use std::sync::Arc;
use std::time::Duration;

pub use contract::Contract;
pub use evidence::Evidence;
pub use exhausted::Exhausted;
pub use file::{Acceptance, BaselineEntry, BaselineStatus, FileError, MeasurementFile, ReferenceArm};
pub use found::Found;
pub use inflation::Inflation;
pub use layout::{Grid, Layout, Slot};
pub use query::View;
pub use recorder::{Recorder, Tallies};
pub use sample::{ErrorClass, HttpSample, IterationEnd, Phases};
pub use series::{Gauge, Ratio, Series};
pub use shards::{ShardPart, Shards};
pub use stated::Stated;
pub use tally::{Block, RequestTally, ScenarioTally, Tally};
pub use trend::Trend;

/// What one arm of a run measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// The plan's name.
    pub plan: String,
    pub profile: Option<String>,
    /// Origin of the deployment that was loaded.
    pub target: String,
    /// Commit of the deployment, where it is known.
    pub commit: Option<String>,
    /// The CI job that measured, unique for each attempt; history needs runs of different jobs.
    pub job: Option<String>,
    /// Start of the load.
    pub started_at: jiff::Timestamp,
    /// From the start of the load to the end of its last iteration.
    pub elapsed: Duration,
    /// Length of the judged phase: what rates are divided by.
    pub judged_for: Duration,
    /// Replays the run's random choices.
    pub seed: u64,
    pub contract: Contract,
    /// Names of everything that the tallies count, by index.
    pub layout: Arc<Layout>,
    /// Samples of the judged phase.
    pub judged: Tally,
    /// Everything else: setup, teardown, warm-up, and what lies outside the judged phase.
    pub unjudged: Tally,
    /// How the load generator itself fared.
    pub generator: Generator,
    /// The first failures of each request and class.
    pub evidence: Vec<Evidence>,
    pub ending: Ending,
    /// Of a run that several processes share, which of its shards this is; none for a run of one process.
    pub shards: Option<Shards>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    Completed,
    /// By a signal; what was measured until then is kept.
    Interrupted,
    /// By a threshold with `abortOnFail`.
    Aborted {
        threshold: String,
    },
}

/// The load generator's own figures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Generator {
    pub workers: u32,
    /// Share of one core that the busiest worker used over the load, 0 to 1; none where the platform can't tell.
    pub busiest_worker_cpu: Option<f64>,
    /// Shares of its core that the worker which came closest to its limit used, one sample for each second of the judged
    /// phase, as plain numbers. Empty where the platform can't tell.
    pub cpu_by_second: Trend,
    /// How late a 10 ms heartbeat of the workers fired, in the judged phase. Every beat that falls into a stall counts, so
    /// that the share of late beats is the share of the time in which the workers could not answer.
    pub loop_lag: Trend,
    /// How late the first beat of each stall fired, in the judged phase: one sample a wake-up, however many beats fell into
    /// it. Empty in files of loadgates that did not count them.
    pub stalls: Trend,
    /// Connections of the load that this machine refused.
    pub exhausted: Exhausted,
    /// Workers that were left behind because an iteration kept their thread busy beyond the end of the run. What they
    /// recorded since their last report (a second) is missing.
    pub blocked_workers: u32,
}

/// Live figures of a run, about once a second.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Since the start of the load, and how long the schedule is.
    pub elapsed: Duration,
    pub total: Duration,
    /// Virtual users running now, and allocated.
    pub vus: u64,
    pub vus_max: u64,
    /// Since the last progress.
    pub requests_per_second: f64,
    /// Since the start.
    pub requests: u64,
    pub iterations: u64,
    pub failed: u64,
    pub dropped: u64,
    /// Median and 95th percentile of the candidate's `http_req_duration` since the last progress, in milliseconds.
    pub p50: Option<f64>,
    pub p95: Option<f64>,
    /// The reference's median; none without one.
    pub reference_p50: Option<f64>,
}
