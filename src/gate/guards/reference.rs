//! The reference must have done what it is the base for: a dead one makes any candidate look good.

use std::ops::Range;

use crate::gate::{Comparison, Guard, GuardKind, NoComparison};
use crate::measurement::{Ending, Grid, Measurement, ReferenceArm, RequestTally};
use crate::number::{counted, duration, percent, percent_limit, plain};
use crate::plan::policy::GuardLimits;

use super::{never_attempted, never_began, refused};

/// The largest share of failures with which a reference's answers still are a base.
const MOST_FAILED: f64 = 0.5;

/// Samples of the candidate at most while the reference has none. By chance, two equal arms differ so much once in a million
/// blocks, whatever their rate: 0 of the one and 20 or more of the other is rarest to expect about 11 of both, with 2 × 10⁻⁷.
const MOST_ALONE: u64 = 20;

/// Looks at the reference of a run and at its comparison.
pub fn reference(
    candidate: &Measurement,
    reference: &ReferenceArm,
    comparison: &Comparison,
    limits: &GuardLimits,
) -> Vec<Guard> {
    let base = &reference.measurement;
    let mut guards = vec![comparable(comparison)];
    let aborted = matches!(base.ending, Ending::Aborted { .. });
    for (label, row) in base.layout.requests.iter().zip(&base.judged.requests).filter(|(label, _)| label.in_scenario) {
        let attempted = row.attempts + row.interrupted > 0;
        if !label.optional && !aborted {
            guards.push(of_reference(never_attempted(base, label, attempted)));
        }
        if attempted {
            guards.push(of_reference(refused(label, row, limits)));
        }
        if label.gated {
            guards.push(of_reference(sound(&label.name, row, tally_of(candidate, &label.name), &base.layout.grid)));
        }
    }
    let scenarios = base.judged.scenarios.iter().zip(&base.unjudged.scenarios);
    for (label, (row, outside)) in base.layout.scenarios.iter().zip(scenarios).filter(|_| !aborted) {
        guards.push(of_reference(never_began(label, row, outside)));
    }
    guards
}

/// The same guard, about the reference: `reference: reserve`.
fn of_reference(guard: Guard) -> Guard {
    Guard { subject: guard.subject.map(|subject| format!("reference: {subject}")), ..guard }
}

fn tally_of<'a>(run: &'a Measurement, name: &str) -> Option<&'a RequestTally> {
    let place = run.layout.requests.iter().position(|label| *label.name == *name)?;
    run.judged.requests.get(place)
}

/// What was asked to be compared and can't be is not measured.
fn comparable(comparison: &Comparison) -> Guard {
    let (fired, finding) = match comparison {
        Comparison::Made(_) => (false, "candidate and reference can be compared".into()),
        Comparison::None(NoComparison::Incomparable { difference, .. }) => {
            (true, format!("candidate and reference can't be compared: they differ by {difference}"))
        }
        Comparison::None(reason) => (true, reason.to_string()),
    };
    let cure = "measure both in one run of one plan: `loadgate run --reference URL`";
    Guard { kind: GuardKind::Reference, subject: None, fired, finding, cure: cure.into() }
}

/// A reference that mostly fails, or was away while the candidate answered.
fn sound(name: &str, base: &RequestTally, candidate: Option<&RequestTally>, grid: &Grid) -> Guard {
    let share = base.failure_share().unwrap_or_default();
    let away = candidate.and_then(|candidate| longest_away(base, candidate, grid.blocks()));
    let failed = format!(
        "{} of {} failed, {}; limit {}",
        base.failed,
        counted(base.attempts, "request"),
        percent(share),
        percent_limit(MOST_FAILED)
    );
    let (fired, finding) = match away {
        _ if base.attempts == 0 && base.interrupted > 0 => {
            (true, format!("none of {} was answered, all were cut off", counted(base.interrupted, "request")))
        }
        _ if share > MOST_FAILED => (true, failed),
        Some((blocks, samples)) if samples >= MOST_ALONE => (true, alone(&blocks, samples, grid)),
        _ => (false, failed),
    };
    let cure = "nothing can be compared with a base that does not work: see its failures, deploy it anew, or give another \
                --reference";
    Guard { kind: GuardKind::Reference, subject: Some(name.to_owned()), fired, finding, cure: cure.into() }
}

fn alone(blocks: &Range<u32>, samples: u64, grid: &Grid) -> String {
    let at = |block: u32| if block == grid.blocks() { grid.to } else { grid.from + grid.block * block };
    let [from, to] = [blocks.start, blocks.end].map(|block| duration(at(block).as_secs_f64() * 1e3));
    format!(
        "no answer to compare with from {from} to {to}, where the candidate has {}; limit {MOST_ALONE}",
        plain(samples as f64)
    )
}

/// Of the neighbouring blocks in which the reference has no comparable sample, those in which the candidate has most; and how
/// many these are.
fn longest_away(base: &RequestTally, candidate: &RequestTally, blocks: u32) -> Option<(Range<u32>, u64)> {
    let samples = |tally: &RequestTally, block| tally.blocks.get(&block).map_or(0, |block| block.counts.total());
    let mut longest: Option<(Range<u32>, u64)> = None;
    let (mut from, mut sum) = (0, 0);
    for block in 0..blocks {
        if samples(base, block) > 0 {
            (from, sum) = (block + 1, 0);
            continue;
        }
        sum += samples(candidate, block);
        if sum > longest.as_ref().map_or(0, |(_, most)| *most) {
            longest = Some((from..block + 1, sum));
        }
    }
    longest
}

#[cfg(test)]
mod tests;
