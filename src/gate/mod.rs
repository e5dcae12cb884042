//! The rules that turn measurements into a verdict. Pure: no clock, no network, no randomness.

pub mod base;
mod compared;
pub mod confirmation;
mod control;
mod failures;
pub mod guards;
mod headline;
pub mod history;
pub mod judgement;
mod latency;
pub mod paired;
pub mod sample_size;
pub mod statistics;
pub mod thresholds;
mod words;

use crate::baseline::{Calibration, Window};
use crate::measurement::{Measurement, ReferenceArm};
use crate::plan::{Policy, Threshold};

/// What a [`Row`] is about: reports name it without importing the plan.
pub use crate::plan::policy::GatedMetric;
pub use base::{ByBase, Loosened, Standing};
pub use confirmation::{Confirmation, judge_again};
pub use judgement::{
    Base, Compared, Comparison, Failure, FailureKind, Guard, GuardKind, Hardware, HiddenFigure, History, Judgement,
    LostFigure, NoComparison, Paired, Reason, Row, RowOutcome, ThresholdResult, Verdict,
};

/// What a run is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Grounds<'a> {
    pub thresholds: &'a [Threshold],
    pub policy: &'a Policy,
    /// The other arm of the run: it is compared with this and with nothing else.
    pub reference: Option<&'a ReferenceArm>,
    /// The runs before it; none where there is no store to read.
    pub window: Option<&'a Window>,
    /// What calibration has shown of this plan.
    pub calibration: Option<&'a Calibration>,
}

impl<'a> Grounds<'a> {
    /// Thresholds alone.
    pub fn new(thresholds: &'a [Threshold], policy: &'a Policy) -> Self {
        Grounds { thresholds, policy, reference: None, window: None, calibration: None }
    }
}

/// Judges a run by its thresholds and by its comparison: with the reference, where it has one, else with the window of
/// earlier runs.
pub fn judge(run: &Measurement, grounds: &Grounds<'_>) -> Judgement {
    let Grounds { policy, .. } = *grounds;
    let thresholds = thresholds::evaluate(run, grounds.thresholds);
    let comparison = match grounds.reference {
        Some(reference) => paired::compare(run, reference, policy, grounds.calibration),
        None => history::compare(run, policy, grounds.window),
    };
    let limits = match grounds.reference {
        Some(_) => guards::generator::limits_of_pair(run, &policy.guards),
        None => policy.guards,
    };
    let guards::Findings { mut guards, mut failures } = guards::examine(run, &limits);
    // The reference is the baseline.
    if grounds.reference.is_none() {
        guards.extend(guards::baseline(policy, &comparison));
    }
    guards.extend(
        grounds.reference.into_iter().flat_map(|base| guards::reference(run, base, &comparison, &policy.guards)),
    );
    failures.extend(guards::abort(run, &thresholds));
    let fails_otherwise = !failures.is_empty() || thresholds.iter().any(|threshold| !threshold.passed);
    guards.extend(control::examine(run, policy, grounds.window, &comparison, fails_otherwise));
    let mut judgement = Judgement { verdict: Verdict::Pass, guards, failures, thresholds, comparison, base: None };
    judgement.verdict = verdict(&judgement);
    judgement
}

/// Not measured before fail, fail before too noisy, too noisy before pass. What nothing judged does not pass.
fn verdict(judgement: &Judgement) -> Verdict {
    if judgement.guards.iter().any(|guard| guard.fired) {
        Verdict::NotMeasured
    } else if !judgement.failures.is_empty() || judgement.thresholds.iter().any(|threshold| !threshold.passed) {
        Verdict::Fail
    } else if judgement.nothing_judged() {
        Verdict::TooNoisy
    } else {
        match &judgement.comparison {
            Comparison::Made(compared) if compared.blocking() => compared.verdict(),
            _ => Verdict::Pass,
        }
    }
}

#[cfg(test)]
mod tests;
