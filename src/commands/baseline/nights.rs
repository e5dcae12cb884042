//! 120 nights, with the functions that the binary runs: judge, keep, look back.

use std::path::PathBuf;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rand::SeedableRng;
use rand_distr::{Distribution, Normal};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::baseline::{Entry, FindingKind, Life, Runs, Sizes};
use crate::gate::{Grounds, judge};
use crate::measurement::simulated::{Simulated, SimulatedRequest};
use crate::measurement::{BaselineStatus, Measurement};
use crate::plan::Policy;
use crate::plan::policy::GatedMetric;

const NIGHTS: usize = 120;

/// Median of the only request, in milliseconds.
const MEDIAN: f64 = 20.0;

/// What sending and receiving take beside it, in the mean.
const ANSWER: f64 = 0.13;

/// A history that grows by a run each night.
struct History {
    runs: Runs,
    policy: Policy,
    random: Xoshiro256PlusPlus,
    /// How far the latencies differ from night to night: the standard deviation of their logarithm.
    noise: Normal<f64>,
}

impl History {
    fn new(seed: u64, noise: f64) -> History {
        let mut policy = Policy::default();
        // The failures of this history are none.
        policy.regression.metrics = vec![GatedMetric::P50, GatedMetric::P95];
        History {
            runs: Runs::at(night_number(NIGHTS), Vec::new()),
            policy,
            random: Xoshiro256PlusPlus::seed_from_u64(seed),
            noise: Normal::new(0.0, noise).expect("a deviation"),
        }
    }

    fn sizes(&self) -> Sizes {
        Sizes { window: self.policy.baseline.window, anchor: self.policy.baseline.min }
    }

    /// What `loadgate baseline refresh` does once it has measured, at a level of 1.1 for 10 % slower.
    fn refresh(&mut self, level: f64) -> BaselineStatus {
        let measurement = self.measure(level);
        let window = self.runs.window(&measurement.contract, None, self.sizes().window);
        let judgement = judge(&measurement, &Grounds { window: Some(&window), ..Grounds::new(&[], &self.policy) });
        let (status, reason) = (judgement.baseline_status(), judgement.headline());
        let path = PathBuf::from(format!("{:03}.json", self.runs.entries.len()));
        self.runs.entries.push(Entry { path, status, reason, accepted: None, after_gap: false, measurement });
        status
    }

    fn refresh_all(&mut self, nights: usize, level: f64) {
        for _ in 0..nights {
            self.refresh(level);
        }
    }

    fn measure(&mut self, level: f64) -> Measurement {
        let median = MEDIAN * level * self.noise.sample(&mut self.random).exp();
        let request = SimulatedRequest { count: 210, sigma: 0.05, ..SimulatedRequest::new("reserve", median) };
        let number = self.runs.entries.len();
        let mut run = Simulated { seed: number as u64, ..Simulated::new(vec![request]) }.measure();
        run.started_at = night_number(number);
        run.judged.requests.iter_mut().for_each(|request| request.blocks.clear());
        run
    }

    fn life(&self) -> Life {
        self.runs.lives().swap_remove(0)
    }

    /// The kinds of what there is to be said, and the runs that it asks to accept.
    fn findings(&self) -> Vec<(FindingKind, Option<usize>)> {
        let findings = self.runs.findings(&self.runs.lives(), self.sizes());
        findings.into_iter().map(|finding| (finding.kind, finding.accept)).collect()
    }
}

fn night_number(number: usize) -> Timestamp {
    Timestamp::UNIX_EPOCH + Duration::from_secs(1_700_000_000) + SignedDuration::from_hours(24 * number as i64)
}

/// 0.5 % a night: each night is within the tolerance of the nights before it, and 15 % are passed after 28 nights.
#[test]
fn slow_drift_trips_no_nightly_test_and_is_found_at_fifteen_percent() {
    let mut history = History::new(1, 0.01);
    let mut found = None;
    for night in 0..60 {
        let status = history.refresh(1.005_f64.powi(night));
        assert!(matches!(status, BaselineStatus::Pass | BaselineStatus::TooNoisy), "night {night}: {status:?}");
        let kinds: Vec<FindingKind> = history.findings().into_iter().map(|(kind, _)| kind).collect();
        assert!(kinds.iter().all(|kind| *kind == FindingKind::Drift), "night {night}: {kinds:?}");
        if !kinds.is_empty() && found.is_none() {
            found = Some(night);
        }
    }
    // From the middle of the anchor (nights 0 to 9) to that of the latest five.
    let found = found.expect("the drift is found");
    let drifted = 1.005_f64.powi(found - 2) / 1.005_f64.powf(4.5) - 1.0;
    assert!((0.13..=0.17).contains(&drifted), "found on night {found}, at {drifted}");
}

#[test]
fn a_step_of_ten_percent_is_found_within_five_nights() {
    for seed in 1..=2 {
        let mut history = History::new(seed, 0.02);
        history.refresh_all(60, 1.0);
        assert_eq!(history.life().steps, [], "seed {seed}");
        history.refresh_all(5, 1.1);
        let life = history.life();
        assert!(!life.steps.is_empty(), "seed {seed}");
        for step in &life.steps {
            assert!(step.at.abs_diff(60) <= 1 && (step.shift - 0.1).abs() < 0.04, "seed {seed}: {step:?}");
        }
        let findings = history.findings();
        let told = |(kind, run): &(FindingKind, Option<usize>)| {
            matches!(kind, FindingKind::Step | FindingKind::Waits) && run.is_some_and(|run| run.abs_diff(60) <= 1)
        };
        assert!(findings.iter().any(told), "seed {seed}: {findings:?}");
    }
}

/// A service that becomes 30 % slower and stays so: the window waits from that night on, and does not learn to be slow.
#[test]
fn a_regression_never_gets_into_the_window_by_itself() {
    let mut history = History::new(3, 0.02);
    history.refresh_all(40, 1.0);
    history.refresh_all(20, 1.3);
    let life = history.life();
    assert_eq!(life.waits, Some(40));
    assert!(life.window(20).iter().all(|run| *run < 40), "{:?}", life.window(20));
}

/// Whatever passed, was too noisy or suspect: the window stays where it was.
#[test]
fn without_a_change_the_window_stays_within_two_percent() {
    let mut history = History::new(5, 0.03);
    let mut means = Vec::new();
    for _ in 0..NIGHTS {
        history.refresh(1.0);
    }
    let life = history.life();
    assert!(life.counting().len() >= NIGHTS - 3, "{} of {NIGHTS} count", life.counting().len());
    let p50 = life.current_series().find(|series| series.figure.name() == "p50").expect("a p50");
    for window in life.counting().windows(history.sizes().window) {
        let values: Vec<f64> =
            p50.points.iter().filter(|(run, _)| window.contains(run)).map(|(_, value)| *value).collect();
        means.push(p50.figure.mean(&values) / (MEDIAN + ANSWER) - 1.0);
    }
    let mean = means.iter().sum::<f64>() / means.len() as f64;
    assert!(mean.abs() < 0.02, "{mean}");
}
