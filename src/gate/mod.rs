//! The rules that turn measurements into a verdict. Pure: no clock, no network, no randomness.

mod failures;
pub mod guards;
mod headline;
pub mod history;
pub mod judgement;
mod latency;
pub mod sample_size;
pub mod statistics;
pub mod thresholds;
mod words;

use crate::baseline::Window;
use crate::measurement::Measurement;
use crate::plan::{Policy, Threshold};

/// What a [`Row`] is about: reports name it without importing the plan.
pub use crate::plan::policy::GatedMetric;
pub use judgement::{
    Comparison, Failure, FailureKind, Guard, GuardKind, History, Judgement, LostFigure, NoComparison, Reason, Row,
    RowOutcome, ThresholdResult, Verdict,
};

/// Judges a run by its thresholds and, where there is a baseline, by the window of earlier runs.
pub fn judge(run: &Measurement, thresholds: &[Threshold], policy: &Policy, window: Option<&Window>) -> Judgement {
    let thresholds = thresholds::evaluate(run, thresholds);
    let comparison = history::compare(run, policy, window);
    let guards::Findings { mut guards, mut failures } = guards::examine(run, &policy.guards);
    guards.extend(guards::baseline(policy, &comparison));
    failures.extend(guards::abort(run, &thresholds));
    let mut judgement = Judgement { verdict: Verdict::Pass, guards, failures, thresholds, comparison };
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
            Comparison::History(history) if history.blocking => history.verdict(),
            _ => Verdict::Pass,
        }
    }
}

#[cfg(test)]
mod tests;
