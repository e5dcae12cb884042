//! A contract's runs, night by night: which steps show, and what becomes of suspects.
//!
//! What was decided one night is not taken back on another: only runs up to that night are looked at. So the same files always
//! tell the same story, whoever reads them, and nothing has to be written down.

use std::ops::Range;

use super::figure::Figure;
use super::steps::{
    FALSE_DISCOVERIES, FALSE_DISCOVERIES_NEAR_SUSPECTS, HORIZON, LEVEL, Split, chances, discoveries, drifts_rather,
    is_too_early, largest_split,
};

/// Runs after a suspect that decide about it.
pub const DECIDING: usize = 4;

/// A smaller shift is no step: relative for times, a difference of shares for failures.
pub const SMALLEST_STEP: f64 = 0.05;
pub const SMALLEST_STEP_OF_SHARES: f64 = 0.001;

/// One figure of one request, in each run of the line; none where a run does not have it.
#[derive(Clone, Debug)]
pub(super) struct Track {
    pub figure: Figure,
    pub values: Vec<Option<f64>>,
}

/// A step of a track. Runs are counted along the line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TrackStep {
    pub track: usize,
    /// The first run of the new level.
    pub at: usize,
    /// As [`Figure::shift`] says it.
    pub shift: f64,
    pub p: f64,
    /// The level before it.
    before: f64,
}

/// What becomes of a run of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Counts,
    /// So many later runs are there, of the [`DECIDING`].
    Undecided {
        later: usize,
    },
    /// It came with or after a step that waits for somebody to accept it.
    Waits,
    /// It belongs to a slower time that is over.
    Over,
}

/// What the line shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Walked {
    /// By the night on which they showed.
    pub steps: Vec<TrackStep>,
    /// One for each run.
    pub fates: Vec<Fate>,
    /// The first run of the step that waits.
    pub waits: Option<usize>,
}

/// A step that came with a suspect.
#[derive(Clone, Debug)]
struct Waiting {
    at: usize,
    steps: Vec<TrackStep>,
    /// The first run of a step back that was seen since.
    back: Option<usize>,
}

/// Walks along the line, oldest run first. `suspects` and `gaps` say of each run whether it is a suspect, and whether runs before
/// it were pruned: no step is looked for across a gap.
pub(super) fn walk(tracks: &[Track], suspects: &[bool], gaps: &[bool]) -> Walked {
    let mut begins = vec![0; tracks.len()];
    let mut walked = Walked::default();
    let mut waiting: Option<Waiting> = None;
    let mut over: Vec<Range<usize>> = Vec::new();
    for (now, gap) in gaps.iter().enumerate() {
        if *gap {
            begins.fill(now);
        }
        let suspect = now.checked_sub(DECIDING).filter(|run| suspects[*run]);
        let suspicious = suspect.is_some() || waiting.is_some();
        let rate = if suspicious { FALSE_DISCOVERIES_NEAR_SUSPECTS } else { FALSE_DISCOVERIES };
        let found = steps_on(now, tracks, &begins, rate);
        found.iter().for_each(|step| begins[step.track] = step.at);
        let ended = waiting.as_mut().and_then(|step| Some((step.is_over(now, tracks, &found)?, step.clone())));
        if let Some((back, step)) = ended {
            over.push(step.at..back);
            step.steps.iter().for_each(|step| begins[step.track] = begins[step.track].max(back));
            waiting = None;
        }
        walked.steps.extend(found);
        if let Some(suspect) = suspect.filter(|_| waiting.is_none()) {
            let since = over.last().map_or(0, |over| over.end);
            waiting = Waiting::of(suspect, since, &walked.steps);
        }
    }
    walked.waits = waiting.map(|step| step.at);
    walked.fates = (0..suspects.len()).map(|run| fate(run, suspects, &over, walked.waits)).collect();
    walked
}

fn fate(run: usize, suspects: &[bool], over: &[Range<usize>], waits: Option<usize>) -> Fate {
    let later = suspects.len() - 1 - run;
    if over.iter().any(|over| over.contains(&run)) {
        Fate::Over
    } else if waits.is_some_and(|waits| run >= waits) {
        Fate::Waits
    } else if suspects[run] && later < DECIDING {
        Fate::Undecided { later }
    } else {
        Fate::Counts
    }
}

impl Waiting {
    /// The step to the worse that came with a suspect, if the runs up to the one that decides show any.
    fn of(suspect: usize, since: usize, steps: &[TrackStep]) -> Option<Waiting> {
        // A step is found where it shows best, which can be a run too early or too late.
        let near = suspect.saturating_sub(DECIDING).max(since)..=suspect + 1;
        let steps: Vec<TrackStep> =
            steps.iter().copied().filter(|step| step.shift > 0.0 && near.contains(&step.at)).collect();
        let at = steps.iter().map(|step| step.at).min()?;
        Some(Waiting { at, steps, back: None })
    }

    /// The first run after it, once every figure that had stepped is back where it was.
    fn is_over(&mut self, now: usize, tracks: &[Track], found: &[TrackStep]) -> Option<usize> {
        let ours = |step: &&TrackStep| self.steps.iter().any(|first| first.track == step.track);
        let back = found.iter().filter(ours).filter(|step| step.shift < 0.0).map(|step| step.at).min();
        self.back = self.back.or(back);
        let back = self.back?;
        let is_back = |step: &TrackStep| {
            let track = &tracks[step.track];
            let values: Vec<f64> = track.values[back..=now].iter().flatten().copied().collect();
            !values.is_empty() && !is_step(track.figure, track.figure.shift(step.before, track.figure.mean(&values)))
        };
        self.steps.iter().all(is_back).then_some(back)
    }
}

fn is_step(figure: Figure, shift: f64) -> bool {
    figure.reaches(shift, SMALLEST_STEP, SMALLEST_STEP_OF_SHARES)
}

/// The steps that show on this night, and did not before.
fn steps_on(now: usize, tracks: &[Track], begins: &[usize], rate: f64) -> Vec<TrackStep> {
    let views: Vec<View> = tracks
        .iter()
        .enumerate()
        .filter_map(|(index, track)| View::of(index, track, begins[index], now))
        .filter(|view| view.scaled.len() >= 2 * LEVEL)
        .collect();
    let possible: Vec<(&View, Split)> = views.iter().filter_map(|view| Some((view, view.split()?))).collect();
    let splits: Vec<(&[f64], Split)> = possible.iter().map(|(view, split)| (&view.scaled[..], *split)).collect();
    let chances = chances(&splits, views.len(), rate);
    // Series without a split are of the family, too.
    let mut p: Vec<f64> = chances.iter().map(|p| p.unwrap_or(1.0)).collect();
    p.resize(views.len(), 1.0);
    let found = discoveries(&p, rate);
    let steps = possible.into_iter().zip(p.iter().zip(found)).filter(|(_, (_, found))| *found);
    steps.map(|((view, split), (p, _))| view.step(split, *p)).collect()
}

/// What one night sees of a track.
struct View {
    index: usize,
    figure: Figure,
    /// The runs that have the figure, and what they have.
    runs: Vec<usize>,
    values: Vec<f64>,
    scaled: Vec<f64>,
}

impl View {
    /// None where the latest run does not have the figure: it tells nothing new.
    fn of(index: usize, track: &Track, begin: usize, now: usize) -> Option<View> {
        track.values[now]?;
        let known = (begin..=now).filter_map(|run| Some((run, track.values[run]?)));
        let (mut runs, mut values): (Vec<usize>, Vec<f64>) = known.unzip();
        let old = runs.len().saturating_sub(HORIZON);
        runs.drain(..old);
        values.drain(..old);
        let scaled = values.iter().map(|value| track.figure.scaled(*value)).collect();
        Some(View { index, figure: track.figure, runs, values, scaled })
    }

    /// The largest split; none if it is too small, a slope, or not to be told from a later one yet.
    fn split(&self) -> Option<Split> {
        let split = largest_split(&self.scaled)?;
        let is_step = is_step(self.figure, self.step(split, 1.0).shift);
        (is_step && !drifts_rather(&self.scaled, split) && !is_too_early(&self.scaled, split)).then_some(split)
    }

    fn step(&self, split: Split, p: f64) -> TrackStep {
        let (before, after) = self.values.split_at(split.at);
        let before = self.figure.mean(before);
        let shift = self.figure.shift(before, self.figure.mean(after));
        TrackStep { track: self.index, at: self.runs[split.at], shift, p, before }
    }
}

#[cfg(test)]
mod tests;
