//! Which runs of a window count, whoever put them there.

use std::collections::HashSet;

use crate::baseline::Window;
use crate::gate::NoComparison;
use crate::measurement::Measurement;

/// The runs that can be compared with, in their order: those of the same hard contract, each once, and never the run itself. A
/// run that is there twice would count as two that agree.
pub fn comparable<'a>(run: &Measurement, window: &'a Window) -> Vec<&'a Measurement> {
    let mut seen = HashSet::from([identity(run)]);
    let same = window.runs.iter().filter(|old| run.contract.hard_difference(&old.contract).is_none());
    same.filter(|old| seen.insert(identity(old))).collect()
}

/// No two runs began at the same instant, in the same job, with the same random choices.
fn identity(run: &Measurement) -> (jiff::Timestamp, u64, Option<&str>) {
    (run.started_at, run.seed, run.job.as_deref())
}

/// Why there is no comparison with so many runs.
pub fn too_few(run: &Measurement, window: &Window, runs: usize, needed: usize) -> NoComparison {
    if runs > 0 {
        return NoComparison::TooFew { runs, needed };
    }
    let other = window.runs.iter().rev().find_map(|old| run.contract.hard_difference(&old.contract));
    match (&window.others, other) {
        (Some(others), _) => NoComparison::Incomparable { runs: others.runs, difference: others.difference.clone() },
        (None, Some(difference)) => NoComparison::Incomparable { runs: window.runs.len(), difference },
        (None, None) => NoComparison::NoBaseline { needed },
    }
}

/// What differs from the latest run, in words; and a start before runs of the window, as a clock that went backwards gives, or
/// an old measurement that is judged again.
pub fn differences(run: &Measurement, base: &[&Measurement]) -> Vec<String> {
    let latest = base.last();
    let mut differences = latest.map(|latest| run.contract.soft_differences(&latest.contract)).unwrap_or_default();
    let later = base.iter().filter(|old| old.started_at > run.started_at).count();
    if later > 0 {
        let start = run.started_at.strftime("%Y-%m-%dT%H:%M:%SZ");
        differences.push(format!("start {start}, before {later} of the {} runs that it is compared with", base.len()));
    }
    differences
}
