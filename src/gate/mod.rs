//! The rules that turn measurements into a verdict. Pure: no clock, no network, no randomness.

mod failures;
pub mod guards;
mod headline;
pub mod history;
pub mod judgement;
mod latency;
pub mod statistics;
pub mod thresholds;
mod words;

use crate::baseline::Window;
use crate::measurement::Measurement;
use crate::plan::{Policy, Threshold};

/// What a [`Row`] is about: reports name it without importing the plan.
pub use crate::plan::policy::GatedMetric;
pub use judgement::{
    Comparison, Failure, FailureKind, Guard, GuardKind, History, Judgement, NoComparison, Reason, Row, RowOutcome,
    ThresholdResult, Verdict,
};

/// Judges a run by its thresholds and, where there is a baseline, by the window of earlier runs.
pub fn judge(run: &Measurement, thresholds: &[Threshold], policy: &Policy, window: Option<&Window>) -> Judgement {
    let thresholds = thresholds::evaluate(run, thresholds);
    let comparison = history::compare(run, policy, window);
    let guards::Findings { mut guards, mut failures } = guards::examine(run);
    guards.extend(guards::baseline(policy, &comparison));
    failures.extend(guards::abort(run, &thresholds));
    let verdict = verdict(&guards, &failures, &thresholds, &comparison);
    Judgement { verdict, guards, failures, thresholds, comparison }
}

/// Not measured before fail, fail before too noisy, too noisy before pass.
fn verdict(guards: &[Guard], failures: &[Failure], thresholds: &[ThresholdResult], comparison: &Comparison) -> Verdict {
    let compared = match comparison {
        Comparison::History(history) if history.blocking => history.verdict(),
        _ => Verdict::Pass,
    };
    if guards.iter().any(|guard| guard.fired) {
        Verdict::NotMeasured
    } else if !failures.is_empty() || thresholds.iter().any(|threshold| !threshold.passed) {
        Verdict::Fail
    } else {
        compared
    }
}

#[cfg(test)]
mod tests;
