//! The life of a contract's runs: which of them make the window, and why the others don't.

use crate::measurement::{BaselineStatus, Contract};

use super::figure::{Figure, median};
use super::store::{Entry, Runs};
use super::walk::{Fate, Track, Walked, walk};

/// What a stored run counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can be in the window: it passed, or was too noisy.
    Counts,
    /// It was a suspect, and the runs after it showed no step: it can be in the window.
    Cleared,
    /// It is a suspect, and so many of the [`super::DECIDING`] later runs are there.
    Suspect { later: usize },
    /// It is at or after a step that came with a suspect: it waits for somebody to accept the step.
    Waits,
    /// It belongs to a slower time that ended by itself.
    Over,
    /// It was before the run that was accepted last.
    Before,
    /// Its thresholds failed.
    Failed,
    /// A guard stopped it.
    NotMeasured,
    /// The same run is stored twice; this one counts.
    Duplicate { of: usize },
    /// A later run of the same CI job counts.
    SameJob { as_run: usize },
    /// It began after the present.
    Future,
}

impl Standing {
    /// Whether it can be in the window.
    pub fn counts(self) -> bool {
        matches!(self, Standing::Counts | Standing::Cleared)
    }

    /// As programs read it: `same_job`.
    pub fn key(self) -> &'static str {
        match self {
            Standing::Counts => "counts",
            Standing::Cleared => "cleared",
            Standing::Suspect { .. } => "suspect",
            Standing::Waits => "waits",
            Standing::Over => "over",
            Standing::Before => "before",
            Standing::Failed => "failed",
            Standing::NotMeasured => "not_measured",
            Standing::Duplicate { .. } => "duplicate",
            Standing::SameJob { .. } => "same_job",
            Standing::Future => "future",
        }
    }

    /// Whether it is one of the runs in which steps are looked for.
    pub fn is_in_line(self) -> bool {
        use Standing::*;
        matches!(self, Counts | Cleared | Suspect { .. } | Waits | Over)
    }
}

/// One figure of one request of one definition, from run to run.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub request: String,
    pub figure: Figure,
    /// Whether the latest run of the line defines the request so.
    pub current: bool,
    /// The runs of the line that have it, oldest first, and what they have: milliseconds, or a share.
    pub points: Vec<(usize, f64)>,
}

/// A lasting change of a figure from one run to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub request: String,
    pub figure: Figure,
    /// The first run of the new level.
    pub at: usize,
    /// Relative for times (0.12 is 12 % slower), a difference of shares for failures.
    pub shift: f64,
    /// The chance of so large a step where there is none.
    pub p: f64,
}

/// The runs of one contract. Runs are named by their index in [`Runs::entries`].
#[derive(Clone, Debug, PartialEq)]
pub struct Life {
    /// Oldest first.
    pub runs: Vec<(usize, Standing)>,
    /// The run that was accepted last: the line starts with it.
    pub accepted: Option<usize>,
    pub series: Vec<Series>,
    /// Since the line's start, oldest first.
    pub steps: Vec<Step>,
    /// The first run of the step that the window waits for.
    pub waits: Option<usize>,
}

impl Runs {
    /// The life of each contract, by its latest run; the latest one first.
    pub fn lives(&self) -> Vec<Life> {
        let mut contracts: Vec<&Contract> = Vec::new();
        for entry in self.entries.iter().rev() {
            let contract = &entry.measurement.contract;
            if contracts.iter().all(|known| known.terms() != contract.terms()) {
                contracts.push(contract);
            }
        }
        contracts.into_iter().map(|contract| self.life(contract)).collect()
    }

    /// The life of the runs with these hard terms.
    pub fn life(&self, contract: &Contract) -> Life {
        let ours = |entry: &Entry| entry.measurement.contract.terms() == contract.terms();
        let ours: Vec<usize> = (0..self.entries.len()).filter(|run| ours(&self.entries[*run])).collect();
        let mut standings = self.first_standings(&ours);
        let is_accepted = |at: &usize| standings[*at].is_in_line() && self.entries[ours[*at]].accepted.is_some();
        let accepted = (0..ours.len()).rev().find(is_accepted);
        if let Some(accepted) = accepted {
            let before = standings[..accepted].iter_mut().filter(|standing| standing.is_in_line());
            before.for_each(|standing| *standing = Standing::Before);
        }
        let line: Vec<usize> = (0..ours.len()).filter(|at| standings[*at].is_in_line()).collect();
        let runs: Vec<usize> = line.iter().map(|at| ours[*at]).collect();
        let series = self.series(&runs);
        let walked = self.walk(&runs, &series);
        for (at, (run, fate)) in line.into_iter().zip(runs.iter().zip(&walked.fates)) {
            standings[at] = Standing::of(*fate, self.entries[*run].status);
        }
        let steps = walked.steps.iter().map(|step| {
            let Series { request, figure, .. } = &series[step.track];
            Step { request: request.clone(), figure: *figure, at: runs[step.at], shift: step.shift, p: step.p }
        });
        Life {
            steps: steps.collect(),
            waits: walked.waits.map(|at| runs[at]),
            accepted: accepted.map(|at| ours[at]),
            runs: ours.into_iter().zip(standings).collect(),
            series,
        }
    }

    /// Walks along the runs of the line.
    fn walk(&self, line: &[usize], series: &[Series]) -> Walked {
        let suspects: Vec<bool> = line.iter().map(|run| self.entries[*run].status == BaselineStatus::Suspect).collect();
        let gaps: Vec<bool> = line.iter().map(|run| self.entries[*run].after_gap).collect();
        let tracks: Vec<Track> = series.iter().map(|series| series.track(line)).collect();
        // Somebody has accepted the first one, suspect or not.
        let accepted = |at: usize| at == 0 && line.first().is_some_and(|run| self.entries[*run].accepted.is_some());
        let suspects: Vec<bool> =
            suspects.into_iter().enumerate().map(|(at, suspect)| suspect && !accepted(at)).collect();
        walk(&tracks, &suspects, &gaps)
    }
}

impl Standing {
    /// Of a run of the line.
    fn of(fate: Fate, status: BaselineStatus) -> Standing {
        match fate {
            Fate::Counts if status == BaselineStatus::Suspect => Standing::Cleared,
            Fate::Counts => Standing::Counts,
            Fate::Undecided { later } => Standing::Suspect { later },
            Fate::Waits => Standing::Waits,
            Fate::Over => Standing::Over,
        }
    }
}

impl Series {
    fn track(&self, line: &[usize]) -> Track {
        let value = |run: &usize| self.points.iter().find(|(of, _)| of == run).map(|(_, value)| *value);
        Track { figure: self.figure, values: line.iter().map(value).collect() }
    }
}

impl Life {
    /// What the run counts for; none if it is of another contract.
    pub fn standing(&self, run: usize) -> Option<Standing> {
        self.runs.iter().find(|(of, _)| *of == run).map(|(_, standing)| *standing)
    }

    /// The runs that the window is taken from, oldest first.
    pub fn counting(&self) -> Vec<usize> {
        self.runs.iter().filter(|(_, standing)| standing.counts()).map(|(run, _)| *run).collect()
    }

    /// The runs of the window, oldest first: the latest `size` that count.
    pub fn window(&self, size: usize) -> Vec<usize> {
        let mut counting = self.counting();
        counting.split_off(counting.len().saturating_sub(size))
    }

    /// The median of a series over the window; none where no run of the window has the figure.
    pub fn window_median(&self, series: &Series, size: usize) -> Option<f64> {
        let window = self.window(size);
        let values: Vec<f64> =
            series.points.iter().filter(|(run, _)| window.contains(run)).map(|(_, value)| *value).collect();
        (!values.is_empty()).then(|| median(&values))
    }

    /// The series of the requests as they are defined today.
    pub fn current_series(&self) -> impl Iterator<Item = &Series> {
        self.series.iter().filter(|series| series.current)
    }
}

#[cfg(test)]
mod tests;
