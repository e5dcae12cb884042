//! The candidate against its reference in one run: the block is the replicate, a request never is.
//!
//! Both arms' blocks make pairs, joined where one has too few samples. Every metric's effect in each pair goes into one
//! [`Family`], which tests all of them by sign flips, and the three-way rule of [`Latency`] and [`Failures`] judges each.
//!
//! What can't be judged is never a pass on its own: a figure with too few samples is a row of its own outcome, a comparison
//! without one judged figure is too noisy, a figure that the reference has and the candidate lost is too noisy, and a
//! reference that died, or can't be compared, is a guard ([`crate::gate::guards`]).

mod blocks;
mod deployments;
mod estimates;
mod family;
mod flips;
mod rows;
mod rule;

use crate::baseline::Calibration;
use crate::measurement::{Measurement, ReferenceArm, RequestTally};
use crate::pairing::Looks;
use crate::plan::Policy;

pub use estimates::{PairedMetric, Scale};
pub use family::{Effect, Family};
pub use rule::{Failures, Latency};

use blocks::RequestPair;
use deployments::{hardware, track_record};
use rows::{Rows, Terms};

use super::statistics::ALPHA;
use super::{Base, Compared, Comparison, Hardware, NoComparison, Paired};

/// α of each look: a run that may be looked at twice has half of it each time, for its fail and for its pass (Bonferroni).
pub fn alpha_of(looks: Looks) -> f64 {
    ALPHA / f64::from(looks.planned.max(1))
}

/// Compares the arms of a run, or says why that can't be.
pub fn compare(
    candidate: &Measurement,
    reference: &ReferenceArm,
    policy: &Policy,
    calibration: Option<&Calibration>,
) -> Comparison {
    let base = &reference.measurement;
    let (requests, new_requests) = common_requests(candidate, base);
    let difference = incomparable(candidate, base, requests.is_empty() && !new_requests.is_empty());
    if let Some(difference) = difference {
        return Comparison::None(NoComparison::Incomparable { runs: 1, difference });
    }
    let hardware = hardware(&candidate.target, &base.target, calibration);
    let calibrated = matches!(hardware, Hardware::Calibrated { .. });
    let terms = Terms {
        rules: &policy.regression,
        alpha: alpha_of(reference.pairing.looks),
        seed: candidate.seed,
        blocks: candidate.layout.grid.blocks(),
        deployments: calibration.filter(|_| calibrated),
    };
    let Rows { rows, lost, hidden, blocks } = terms.judge(&requests);
    Comparison::Made(Compared {
        with: Base::Reference(Paired {
            target: base.target.clone(),
            commit: base.commit.clone(),
            pairing: reference.pairing.clone(),
            blocks,
            block: candidate.layout.grid.to.saturating_sub(candidate.layout.grid.from) / blocks.max(1) as u32,
            hardware,
        }),
        alpha: terms.alpha,
        rows,
        lost,
        hidden,
        new_requests,
        differences: candidate.contract.soft_differences(&base.contract),
        track_record: calibration.and_then(track_record),
        confirmation: None,
    })
}

/// Requests that both arms gate and define alike, in the order of the candidate's plan; and the names of those that only one
/// knows, or that they define differently.
fn common_requests<'a>(candidate: &'a Measurement, base: &'a Measurement) -> (Vec<RequestPair<'a>>, Vec<String>) {
    let blocks = candidate.layout.grid.blocks();
    let (theirs, ours) = (gated(base), gated(candidate));
    let (mut common, mut new) = (Vec::new(), Vec::new());
    for (name, tally) in &ours {
        match theirs.iter().find(|(other, _)| other == name) {
            Some((_, other)) if candidate.contract.same_request(&base.contract, name) => {
                common.push(RequestPair::new(name, tally, other, blocks));
            }
            _ => new.push((*name).to_owned()),
        }
    }
    let only_theirs = theirs.iter().filter(|(name, _)| !ours.iter().any(|(ours, _)| ours == name));
    new.extend(only_theirs.map(|(name, _)| (*name).to_owned()));
    (common, new)
}

fn gated(run: &Measurement) -> Vec<(&str, &RequestTally)> {
    let rows = run.layout.requests.iter().zip(&run.judged.requests);
    rows.filter(|(label, _)| label.gated && label.in_scenario).map(|(label, tally)| (&*label.name, tally)).collect()
}

/// Why no figure of the arms can be compared, in words; none where some can.
fn incomparable(candidate: &Measurement, base: &Measurement, nothing_common: bool) -> Option<String> {
    if let Some(difference) = candidate.contract.hard_difference(&base.contract) {
        return Some(difference);
    }
    if candidate.layout.grid != base.layout.grid {
        return Some("the blocks that the judged phase is cut into".into());
    }
    nothing_common.then(|| "the name or the definition of every request".into())
}

#[cfg(test)]
mod simulations;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod worked_example;
