//! The window: which of the stored runs a new one is compared with.

use std::collections::HashSet;

use crate::measurement::{BaselineStatus, Contract, Measurement};

use super::store::{Entry, Runs};

/// The runs that a new one is compared with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Window {
    /// Oldest first, each of another CI job.
    pub runs: Vec<Measurement>,
    /// Runs that would count but for the contract.
    pub others: Option<Others>,
}

/// Runs of other contracts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Others {
    pub runs: usize,
    /// What differs in the latest of them, in words.
    pub difference: String,
}

impl Runs {
    /// The latest `size` runs of the contract's hard terms that passed or were too noisy: taking passes alone would ratchet
    /// the window towards lucky runs. Of several runs of one CI job the latest counts, and none of the job that is now
    /// running: runs of one job are alike for reasons that have nothing to do with the code. Runs without a job count each.
    pub fn window(&self, contract: &Contract, job: Option<&str>, size: usize) -> Window {
        let counts = |entry: &&Entry| matches!(entry.status, BaselineStatus::Pass | BaselineStatus::TooNoisy);
        let (same, others): (Vec<&Entry>, Vec<&Entry>) = self
            .entries
            .iter()
            .filter(counts)
            .partition(|entry| contract.hard_difference(&entry.measurement.contract).is_none());
        let mut jobs: HashSet<&str> = job.into_iter().collect();
        let mut runs: Vec<Measurement> = same
            .into_iter()
            .rev()
            .filter(|entry| entry.measurement.job.as_deref().is_none_or(|job| jobs.insert(job)))
            .take(size)
            .map(|entry| entry.measurement.clone())
            .collect();
        runs.reverse();
        let others = others.last().and_then(|latest| {
            let difference = contract.hard_difference(&latest.measurement.contract)?;
            Some(Others { runs: others.len(), difference })
        });
        Window { runs, others }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use crate::measurement::simulated::{Simulated, SimulatedRequest};

    use super::*;

    /// Status, job, load.
    type Row = (BaselineStatus, Option<&'static str>, &'static str);

    /// Runs in the order of time; the seed tells them apart.
    fn runs(rows: &[Row]) -> Runs {
        let entry = |(index, &(status, job, load)): (usize, &Row)| {
            let request = SimulatedRequest { count: 1, ..SimulatedRequest::new("a", 1.0) };
            let mut measurement = Simulated { seed: index as u64, ..Simulated::new(vec![request]) }.measure();
            measurement.job = job.map(Into::into);
            measurement.contract.load = load.into();
            measurement.started_at += Duration::from_secs(index as u64);
            Entry { path: PathBuf::from(format!("{index}.json")), status, reason: String::new(), measurement }
        };
        Runs { entries: rows.iter().enumerate().map(entry).collect(), skipped: Vec::new() }
    }

    #[test]
    fn the_window_takes_the_right_runs() {
        use BaselineStatus::*;
        let table: &[(&str, &[Row], &[u64])] = &[
            ("nothing stored", &[], &[]),
            ("passes and too noisy ones", &[(Pass, None, "x"), (TooNoisy, None, "x")], &[0, 1]),
            ("nothing that failed", &[(ThresholdsFailed, None, "x"), (Guard, None, "x"), (Suspect, None, "x")], &[]),
            (
                "the latest run of a job",
                &[(Pass, Some("1"), "x"), (Pass, Some("2"), "x"), (Pass, Some("1"), "x")],
                &[1, 2],
            ),
            ("no run of this job", &[(Pass, Some("now"), "x"), (Pass, Some("2"), "x")], &[1]),
            ("the same load", &[(Pass, None, "y"), (Pass, None, "x")], &[1]),
            ("the latest ones", &[(Pass, None, "x"); 5], &[2, 3, 4]),
        ];
        let contract = Contract { load: "x".into(), ..Contract::default() };
        for (what, rows, expected) in table {
            let window = runs(rows).window(&contract, Some("now"), 3);
            let seeds: Vec<u64> = window.runs.iter().map(|run| run.seed).collect();
            assert_eq!(&seeds, expected, "{what}");
        }
    }

    #[test]
    fn runs_of_other_contracts_are_counted_and_explained() {
        let contract = Contract { load: "x".into(), ..Contract::default() };
        let window = runs(&[(BaselineStatus::Pass, None, "y"); 4]).window(&contract, None, 20);
        let difference = "the load (executors, stages, scaling, judged phase or httpVersion)".into();
        assert_eq!(window, Window { runs: vec![], others: Some(Others { runs: 4, difference }) });
    }
}
