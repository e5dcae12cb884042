//! The measurements of a calibration: each gate is one that a pull request could meet, with a proxy before each arm.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::baseline::{Alone, Calibration, GateRecord, SlowDown};
use crate::delay::{Delay, Proxy, Upstream};
use crate::gate::{self, Grounds, Judgement, guards};
use crate::k6::StepsOrScript;
use crate::load::http::Proxies;
use crate::load::{self, Job, MeasureError, ReferenceJob, Stop};
use crate::measurement::contract::Machine;
use crate::measurement::{Ending, Measurement, MeasurementFile, RequestTally};
use crate::pairing::ArmMode;
use crate::plan::Plan;
use crate::plan::policy::GatedMetric;

use super::verdicts::{figures, outcome};
use crate::commands::measuring::is_too_noisy;

/// What all measurements of a calibration share.
pub struct Bench<'a> {
    pub plan: &'a Arc<Plan>,
    /// What the iterations are made of.
    pub workload: StepsOrScript,
    pub target: Upstream,
    /// The same as the target, or another deployment of its commit.
    pub reference: Upstream,
    pub mode: ArmMode,
    pub commit: Option<String>,
    pub ci_job: Option<String>,
    pub workers: usize,
    pub machine: Machine,
    /// What was known of the plan before: a gate is judged with it.
    pub known: Calibration,
    pub stop: &'a Stop,
}

/// What was measured.
pub struct Taken<T> {
    pub record: T,
    /// Requests that were sent, before the load and after it too.
    pub requests: u64,
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    #[error("interrupted")]
    Interrupted,
    #[error("a delaying proxy can't be started on the loopback address: {0}; raise the process's limits")]
    Proxy(#[from] io::Error),
    #[error(transparent)]
    Measure(#[from] MeasureError),
    /// A guard, in words.
    #[error("{0}")]
    Guard(String),
}

impl Bench<'_> {
    /// One gate, the candidate slowed down or not. Both arms go through a proxy of the same make, so that the delay is the
    /// only thing that differs.
    ///
    /// # Errors
    /// It was interrupted, or could not be measured at all. A guard that fired is an outcome.
    pub fn gate(&self, slow: Option<SlowDown>, seed: u64) -> Result<Taken<GateRecord>, NotTaken> {
        let candidate = Proxy::start(self.target.clone(), slow.map_or(Delay::None, delay))?;
        let reference = Proxy::start(self.reference.clone(), Delay::None)?;
        let beside = ReferenceJob {
            target: reference.url(),
            commit: self.commit.clone(),
            // Of the deployments' own hosts: the proxies are always on one.
            mode: Some(self.mode),
        };
        let file = self.measure(Job { reference: Some(beside), ..self.job(&candidate, seed) })?;
        let added = candidate.stats().added();
        let judged = |calibration| self.judge(&file, calibration);
        let judgement = judged(Some(&self.known));
        let record = GateRecord {
            slow,
            added,
            started_at: file.candidate.started_at,
            seed,
            outcome: outcome(judgement.verdict),
            finding: judgement.headline(),
            // What was known before must not enter what is learnt.
            figures: figures(&judged(None).comparison),
        };
        Ok(taken(record, &file))
    }

    /// One run of the target without a second arm.
    ///
    /// # Errors
    /// It was interrupted, could not be measured, or a guard fired.
    pub fn alone(&self, seed: u64) -> Result<Taken<Alone>, NotTaken> {
        let proxy = Proxy::start(self.target.clone(), Delay::None)?;
        let file = self.measure(self.job(&proxy, seed))?;
        let findings = guards::examine(&file.candidate, &self.plan.policy.guards);
        if let Some(guard) = findings.guards.iter().find(|guard| guard.fired) {
            return Err(NotTaken::Guard(format!("not measured: {}", guard.finding)));
        }
        let metrics = &self.plan.policy.regression.metrics;
        let record =
            Alone { started_at: file.candidate.started_at, seed, figures: quantiles(&file.candidate, metrics) };
        Ok(taken(record, &file))
    }

    fn job(&self, proxy: &Proxy, seed: u64) -> Job<StepsOrScript> {
        Job {
            plan: self.plan.clone(),
            workload: self.workload.clone(),
            target: proxy.url(),
            reference: None,
            seed,
            workers: self.workers,
            commit: self.commit.clone(),
            ci_job: self.ci_job.clone(),
            machine: self.machine.clone(),
            part: None,
            // The proxies of ours are on this machine.
            proxies: Proxies::default(),
        }
    }

    /// Measures without a threshold that ends the run: what is calibrated is the comparison.
    fn measure(&self, job: Job<StepsOrScript>) -> Result<MeasurementFile, NotTaken> {
        let file =
            load::measure(&job, self.stop, |_| {}, |_, _| None, |file| is_too_noisy(self.plan, file, &self.known))?;
        if self.stop.is_interrupted() || file.candidate.ending == Ending::Interrupted {
            return Err(NotTaken::Interrupted);
        }
        Ok(file)
    }

    /// By the comparison alone: a limit that both arms break is no false alarm, and finds no slow-down.
    fn judge(&self, file: &MeasurementFile, calibration: Option<&Calibration>) -> Judgement {
        let grounds = Grounds::new(&[], &self.plan.policy);
        let grounds = Grounds { reference: file.reference.as_ref(), calibration, ..grounds };
        gate::judge(&file.candidate, &grounds)
    }
}

fn taken<T>(record: T, file: &MeasurementFile) -> Taken<T> {
    let arms = [Some(&file.candidate), file.reference.as_ref().map(|reference| &reference.measurement)];
    let sent = |arm: &Measurement| {
        let tallies = arm.judged.requests.iter().chain(&arm.unjudged.requests);
        tallies.map(|request| request.attempts).sum::<u64>()
    };
    Taken { record, requests: arms.into_iter().flatten().map(sent).sum() }
}

fn delay(slow: SlowDown) -> Delay {
    match slow {
        SlowDown::Share(share) => Delay::Share(share),
        SlowDown::DelayMs(ms) => Delay::Fixed(Duration::from_secs_f64(ms / 1000.0)),
    }
}

/// The quantiles of the gated requests, in milliseconds, by name.
fn quantiles(run: &Measurement, metrics: &[GatedMetric]) -> BTreeMap<String, BTreeMap<String, f64>> {
    let rows = run.layout.requests.iter().zip(&run.judged.requests);
    let gated = rows.filter(|(label, _)| label.gated && label.in_scenario);
    let of = |metric: &GatedMetric, tally: &RequestTally| {
        Some((metric.name().to_owned(), tally.comparable.quantile(metric.quantile()?)?))
    };
    let figures = gated.map(|(label, tally)| {
        (label.name.to_string(), metrics.iter().filter_map(|metric| of(metric, tally)).collect())
    });
    figures.collect()
}
