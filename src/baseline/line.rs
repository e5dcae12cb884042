//! The line: the runs of a contract in which steps are looked for, and the figures in them.

use std::collections::HashMap;

use crate::measurement::BaselineStatus;

use super::figure::Figure;
use super::life::{Series, Standing};
use super::store::Runs;

/// Clocks of two machines may differ by so much, in seconds.
const CLOCKS_DIFFER: i64 = 300;

impl Runs {
    /// What each run counts for before steps are looked for. Suspects are all undecided.
    pub(super) fn first_standings(&self, ours: &[usize]) -> Vec<Standing> {
        let mut standings: Vec<Standing> = ours.iter().map(|run| self.standing_alone(*run, ours)).collect();
        let mut latest: HashMap<&str, usize> = HashMap::new();
        for (run, standing) in ours.iter().zip(&mut standings).rev().filter(|(_, standing)| standing.is_in_line()) {
            let entry = &self.entries[*run];
            // The line may start with an accepted run, whatever its job measured later.
            let (Some(job), None) = (entry.measurement.job.as_deref(), &entry.accepted) else { continue };
            let as_run = *latest.entry(job).or_insert(*run);
            if as_run != *run {
                *standing = Standing::SameJob { as_run };
            }
        }
        standings
    }

    fn standing_alone(&self, run: usize, ours: &[usize]) -> Standing {
        let entry = &self.entries[run];
        if let Some(of) = self.duplicate_of(run, ours) {
            return Standing::Duplicate { of };
        }
        if entry.measurement.started_at.as_second() > self.read_at.as_second() + CLOCKS_DIFFER {
            return Standing::Future;
        }
        match entry.status {
            BaselineStatus::Pass | BaselineStatus::TooNoisy => Standing::Counts,
            BaselineStatus::Suspect => Standing::Suspect { later: 0 },
            BaselineStatus::ThresholdsFailed => Standing::Failed,
            BaselineStatus::Guard => Standing::NotMeasured,
        }
    }

    /// The run that counts in place of this one, which is a copy of it: the accepted one, else the first.
    fn duplicate_of(&self, run: usize, ours: &[usize]) -> Option<usize> {
        let is_copy =
            |other: &usize| *other == run || self.entries[*other].measurement == self.entries[run].measurement;
        let copies: Vec<usize> = ours.iter().copied().filter(is_copy).collect();
        let accepted = copies.iter().copied().find(|copy| self.entries[*copy].accepted.is_some());
        accepted.or(copies.first().copied()).filter(|counted| *counted != run)
    }

    /// The figures of the gated requests in these runs, in the order of the latest run that knows them. A request that was
    /// defined otherwise is another one.
    pub(super) fn series(&self, line: &[usize]) -> Vec<Series> {
        let mut keys: Vec<(&str, &str, Figure)> = Vec::new();
        let mut definitions: HashMap<&str, &str> = HashMap::new();
        let mut series: Vec<Series> = Vec::new();
        for run in line.iter().rev() {
            let measurement = &self.entries[*run].measurement;
            for (label, tally) in measurement.layout.requests.iter().zip(&measurement.judged.requests) {
                if !(label.gated && label.in_scenario) {
                    continue;
                }
                let definition = measurement.contract.requests.get(&*label.name).map_or("", String::as_str);
                // Of the definitions of a request the first that is met is the latest.
                let current = *definitions.entry(&label.name).or_insert(definition) == definition;
                for figure in Figure::ALL {
                    let Some(value) = figure.of(tally) else { continue };
                    let key = (&*label.name, definition, figure);
                    let at = keys.iter().position(|known| *known == key).unwrap_or_else(|| {
                        keys.push(key);
                        series.push(Series { request: label.name.to_string(), figure, current, points: Vec::new() });
                        series.len() - 1
                    });
                    series[at].points.push((*run, value));
                }
            }
        }
        series.iter_mut().for_each(|series| series.points.reverse());
        series
    }
}
