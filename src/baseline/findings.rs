//! What somebody should know about a history, and what to do about it.

use std::collections::BTreeSet;

use crate::number;

use super::drift::Drift;
use super::life::{Life, Standing, Step};
use super::store::Runs;
use super::walk::DECIDING;

/// How many runs the plan wants in a window, and in the anchor that drift is measured from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    pub window: usize,
    pub anchor: usize,
}

/// A finding: place, problem, cure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub kind: FindingKind,
    /// The file, or the figure, that it is about.
    pub place: String,
    pub problem: String,
    pub cure: String,
    /// The run that `loadgate baseline accept` would accept on account of it, by its index in [`Runs::entries`].
    pub accept: Option<usize>,
}

/// In the order of urgency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// A file that is no run of the plan.
    Skipped,
    /// A step that came with a suspect: the window waits.
    Waits,
    /// A step that lies in the window.
    Step,
    /// A run that failed against the window, and is not decided.
    Suspect,
    /// A figure that has drifted from the anchor.
    Drift,
    /// A run that began after the present.
    Future,
    /// A run that is stored twice.
    Duplicate,
}

impl FindingKind {
    /// As programs read it: `suspect`.
    pub fn key(self) -> &'static str {
        match self {
            FindingKind::Skipped => "skipped",
            FindingKind::Waits => "waits",
            FindingKind::Step => "step",
            FindingKind::Suspect => "suspect",
            FindingKind::Drift => "drift",
            FindingKind::Future => "future",
            FindingKind::Duplicate => "duplicate",
        }
    }
}

/// So many figures are named; the others are counted.
const NAMED: usize = 4;

impl Runs {
    /// What somebody should know of the history, the most urgent first. `lives` are those of these runs.
    pub fn findings(&self, lives: &[Life], sizes: Sizes) -> Vec<Finding> {
        let skipped = self.skipped.iter().map(|skipped| Finding {
            kind: FindingKind::Skipped,
            place: skipped.path.display().to_string(),
            problem: skipped.problem().to_owned(),
            cure: "it counts for nothing until it is restored or removed".into(),
            accept: None,
        });
        let mut findings: Vec<Finding> = skipped.collect();
        for life in lives {
            findings.extend(self.waiting(life, sizes));
            findings.extend(self.steps_in_window(life, sizes));
            findings.extend(life.runs.iter().filter_map(|(run, standing)| self.run_finding(*run, *standing)));
            findings.extend(life.drifts(sizes.anchor).iter().map(|drift| self.drifted(life, drift, sizes)));
        }
        findings.sort_by_key(|finding| finding.kind);
        findings
    }

    fn waiting(&self, life: &Life, sizes: Sizes) -> Option<Finding> {
        let at = life.waits?;
        let steps: Vec<&Step> = life.steps.iter().filter(|step| step.at >= at && step.shift > 0.0).collect();
        let held = life.window(sizes.window).len();
        Some(Finding {
            kind: FindingKind::Waits,
            place: self.place(at),
            problem: format!(
                "{} since this run ({}); the window waits, and holds the {} before it",
                shifts(&steps),
                self.described(at),
                number::counted(held as u64, "run")
            ),
            cure: format!("undo the change behind it; or, if it is meant to stay, {}", self.accept_command(at)),
            accept: Some(at),
        })
    }

    /// Steps that nobody has to decide about, but that the window holds runs from both sides of.
    fn steps_in_window(&self, life: &Life, sizes: Sizes) -> Vec<Finding> {
        let window = life.window(sizes.window);
        let (Some(first), Some(last)) = (window.first(), window.last()) else { return Vec::new() };
        let inside = |step: &&Step| step.at > *first && step.at <= *last;
        let inside: Vec<&Step> = life.steps.iter().filter(inside).collect();
        let runs: BTreeSet<usize> = inside.iter().map(|step| step.at).collect();
        let finding = |at: usize| {
            let steps: Vec<&Step> = inside.iter().copied().filter(|step| step.at == at).collect();
            Finding {
                kind: FindingKind::Step,
                place: self.place(at),
                problem: format!("{} since this run ({})", shifts(&steps), self.described(at)),
                cure: format!(
                    "find out why; the window holds runs from before and after it, unless you {}",
                    self.accept_command(at)
                ),
                accept: Some(at),
            }
        };
        runs.into_iter().map(finding).collect()
    }

    fn run_finding(&self, run: usize, standing: Standing) -> Option<Finding> {
        let (kind, problem, cure) = match standing {
            Standing::Suspect { later } => (
                FindingKind::Suspect,
                format!(
                    "suspect: {}; {later} of the {DECIDING} runs that decide about it are there",
                    self.entries[run].reason
                ),
                format!(
                    "wait for {}: it enters the window if they show no step; if the change is meant to stay, {}",
                    number::counted((DECIDING - later) as u64, "run"),
                    self.accept_command(run)
                ),
            ),
            Standing::Future => (
                FindingKind::Future,
                format!(
                    "it began at {}, which is yet to come; it does not count",
                    self.entries[run].measurement.started_at
                ),
                "set the clock of the machine that measured, and remove the file".into(),
            ),
            Standing::Duplicate { of } => (
                FindingKind::Duplicate,
                format!("the same run as {}; it counts once", self.place(of)),
                "remove one of the two".into(),
            ),
            _ => return None,
        };
        let accept = (kind == FindingKind::Suspect).then_some(run);
        Some(Finding { kind, place: self.place(run), problem, cure, accept })
    }

    fn drifted(&self, life: &Life, drift: &Drift, sizes: Sizes) -> Finding {
        let Drift { request, figure, anchor, latest, shift, since } = drift;
        // The window stays as it is; only the anchor moves.
        let accept = life.window(sizes.window).first().copied();
        let begin = self.entries[*since].measurement.started_at.strftime("%Y-%m-%d");
        let cure = accept.map(|run| format!("; if it is meant to stay, {}", self.accept_command(run)));
        Finding {
            kind: FindingKind::Drift,
            place: format!("{request} {figure}"),
            problem: format!(
                "drifted by {}, from {} in the first {} since {begin} to {} in the latest",
                figure.shift_text(*shift),
                figure.text(*anchor),
                number::counted(sizes.anchor as u64, "run"),
                figure.text(*latest)
            ),
            cure: format!("no run alone is to blame: look at what changed since{}", cure.unwrap_or_default()),
            accept,
        }
    }

    /// The run's file.
    fn place(&self, run: usize) -> String {
        self.entries[run].path.display().to_string()
    }

    /// When the run began, and of what.
    fn described(&self, run: usize) -> String {
        let measurement = &self.entries[run].measurement;
        let commit = measurement.commit.as_deref().map(|commit| format!(", commit {}", short(commit)));
        format!("{}{}", measurement.started_at.strftime("%Y-%m-%d %H:%MZ"), commit.unwrap_or_default())
    }

    fn accept_command(&self, run: usize) -> String {
        let path = &self.entries[run].path;
        let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into());
        format!("`loadgate baseline accept --run {name} --why \"…\"`")
    }
}

/// The start of a commit's name.
pub fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}

/// `reserve p95 +12.0%, reserve p50 +11.0% and 3 more`: the largest ones of each kind first.
fn shifts(steps: &[&Step]) -> String {
    let mut steps = steps.to_vec();
    steps.sort_by(|a, b| b.shift.abs().total_cmp(&a.shift.abs()));
    let named: Vec<String> = steps
        .iter()
        .take(NAMED)
        .map(|step| format!("{} {} {}", step.request, step.figure, step.figure.shift_text(step.shift)))
        .collect();
    let more = steps.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", named.join(", "))
}

#[cfg(test)]
mod tests;
