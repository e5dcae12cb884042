//! What base's rules say of the run, in the JSON report.

use serde::Serialize;

use crate::gate::{ByBase, Loosened, Verdict, base::Own};

use super::comparison::ComparisonFigures;
use super::judged::{FailureFigures, GuardFigures, Threshold};

/// A run by base's rules, beside the pull request's own.
#[derive(Serialize)]
pub struct BaseFigures<'a> {
    commit: &'a str,
    /// Whose verdict is the run's: `own`, `base`, or `waived`, which is the pull request's own by its label.
    standing: &'static str,
    /// By base's rules alone.
    verdict: Verdict,
    /// By the pull request's rules alone.
    own_verdict: Verdict,
    headline: String,
    loosened: Vec<LoosenedFigures<'a>>,
    guards: Vec<GuardFigures<'a>>,
    failures: Vec<FailureFigures<'a>>,
    thresholds: Vec<Threshold<'a>>,
    comparison: ComparisonFigures<'a>,
}

/// What base's rules don't accept and the pull request's do.
#[derive(Serialize)]
struct LoosenedFigures<'a> {
    finding: &'a str,
    /// The pull request's own limit; null where it has none.
    own_limit: Option<&'a str>,
}

impl<'a> BaseFigures<'a> {
    pub fn of(base: &'a ByBase) -> BaseFigures<'a> {
        let judgement = &base.judgement;
        BaseFigures {
            commit: &base.commit,
            standing: base.standing.key(),
            verdict: judgement.verdict,
            own_verdict: base.own,
            headline: judgement.headline(),
            loosened: base.loosened.iter().map(LoosenedFigures::of).collect(),
            guards: judgement.guards.iter().map(GuardFigures::of).collect(),
            failures: judgement.failures.iter().map(FailureFigures::of).collect(),
            thresholds: judgement.thresholds.iter().map(Threshold::of).collect(),
            comparison: ComparisonFigures::of(&judgement.comparison),
        }
    }
}

impl<'a> LoosenedFigures<'a> {
    fn of(loosened: &'a Loosened) -> LoosenedFigures<'a> {
        let own_limit = match &loosened.own {
            Own::Limit(limit) => Some(limit.as_str()),
            Own::Nothing | Own::Same => None,
        };
        LoosenedFigures { finding: &loosened.finding, own_limit }
    }
}
