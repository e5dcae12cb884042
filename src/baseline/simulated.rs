//! Histories with known truth, for tests: one run a night, of one request whose median latency is given.

use std::path::PathBuf;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::measurement::simulated::{Simulated, SimulatedRequest};
use crate::measurement::{Acceptance, BaselineStatus};

use super::store::{Entry, Runs};

/// A night's run.
#[derive(Clone, Debug)]
pub(super) struct Night {
    pub status: BaselineStatus,
    pub job: Option<&'static str>,
    pub load: &'static str,
    pub definition: &'static str,
    /// In milliseconds; every request takes just as long.
    pub latency: f64,
    /// Failures of 20 requests.
    pub failures: f64,
    pub accepted: bool,
    pub after_gap: bool,
    /// Nights since the first.
    pub number: i64,
    /// Tells runs apart that are alike otherwise.
    pub seed: u64,
}

pub(super) fn night(number: i64, status: BaselineStatus, latency: f64) -> Night {
    let (job, load, definition, accepted, after_gap) = (None, "load", "definition", false, false);
    let (failures, seed) = (0.0, number as u64);
    Night { status, job, load, definition, latency, failures, accepted, after_gap, number, seed }
}

/// When the first night begins.
pub(super) fn first_night() -> Timestamp {
    Timestamp::UNIX_EPOCH + Duration::from_secs(1_795_000_000)
}

impl Night {
    pub fn entry(&self) -> Entry {
        // 20 samples have a median, and no p95 or p99.
        let request = SimulatedRequest {
            count: 20,
            sigma: 0.0,
            failures: self.failures,
            ..SimulatedRequest::new("reserve", self.latency)
        };
        let mut measurement = Simulated { seed: self.seed, ..Simulated::new(vec![request]) }.measure();
        measurement.job = self.job.map(Into::into);
        measurement.contract.load = self.load.into();
        measurement.contract.requests.insert("reserve".into(), self.definition.into());
        measurement.started_at = first_night() + SignedDuration::from_hours(24 * self.number);
        let accepted = Acceptance { by: "Ann".into(), why: "we encrypt".into(), at: first_night() };
        Entry {
            path: PathBuf::from(format!("{:03}.json", self.number)),
            status: self.status,
            reason: "fail: reserve p50 +20 %".into(),
            accepted: self.accepted.then_some(accepted),
            after_gap: self.after_gap,
            measurement,
        }
    }
}

/// The runs as they are read a year after the first night.
pub(super) fn runs(nights: &[Night]) -> Runs {
    let read_at = first_night() + SignedDuration::from_hours(24 * 365);
    Runs::at(read_at, nights.iter().map(Night::entry).collect())
}

/// `count` nights that passed, with latencies around 10 ms that differ by about 1 %.
pub(super) fn passes(count: i64) -> Vec<Night> {
    (0..count).map(|number| night(number, BaselineStatus::Pass, 10.0 * wobble(number))).collect()
}

/// A factor within 2 % of 1 that looks like noise.
pub(super) fn wobble(number: i64) -> f64 {
    1.0 + 0.01 * [0.3, -1.1, 0.8, 1.6, -0.4, -1.5, 0.1, 1.2, -0.7, 0.5, -1.9, 0.9, 1.4][number as usize % 13]
}
