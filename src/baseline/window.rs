//! The window: which of the stored runs a new one is compared with.

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
    /// The latest `size` runs of the contract's hard terms that count: those that passed or were too noisy (taking passes alone
    /// would ratchet the window towards lucky runs), and suspects that the runs after them have cleared. They start with the
    /// run that was accepted last, and end before a step that waits for somebody to accept it. Of several runs of one CI job
    /// the latest counts, and none of the job that is now running: runs of one job are alike for reasons that have nothing to
    /// do with the code. Runs without a job count each.
    pub fn window(&self, contract: &Contract, job: Option<&str>, size: usize) -> Window {
        let now_running = |run: &usize| job.is_some() && self.entries[*run].measurement.job.as_deref() == job;
        let mut counting = self.life(contract).counting();
        counting.retain(|run| !now_running(run));
        let window = counting.split_off(counting.len().saturating_sub(size));
        Window {
            runs: window.into_iter().map(|run| self.entries[run].measurement.clone()).collect(),
            others: self.others(contract),
        }
    }

    fn others(&self, contract: &Contract) -> Option<Others> {
        let counts = |entry: &&Entry| matches!(entry.status, BaselineStatus::Pass | BaselineStatus::TooNoisy);
        let difference = |entry: &Entry| contract.hard_difference(&entry.measurement.contract);
        let others: Vec<String> = self.entries.iter().filter(counts).filter_map(difference).collect();
        others.last().map(|latest| Others { runs: others.len(), difference: latest.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::simulated::{Night, night, runs};

    /// Status, job, load.
    type Row = (BaselineStatus, Option<&'static str>, &'static str);

    /// Runs in the order of time; the seed tells them apart.
    fn nights(rows: &[Row]) -> Vec<Night> {
        let night = |(number, &(status, job, load))| Night { job, load, ..night(number as i64, status, 10.0) };
        rows.iter().enumerate().map(night).collect()
    }

    #[test]
    fn the_window_takes_the_right_runs() {
        use BaselineStatus::*;
        let table: &[(&str, &[Row], &[u64])] = &[
            ("nothing stored", &[], &[]),
            ("one run", &[(Pass, None, "x")], &[0]),
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
            let window = runs(&nights(rows)).window(&contract, Some("now"), 3);
            let seeds: Vec<u64> = window.runs.iter().map(|run| run.seed).collect();
            assert_eq!(&seeds, expected, "{what}");
        }
    }

    #[test]
    fn runs_of_other_contracts_are_counted_and_explained() {
        let contract = Contract { load: "x".into(), ..Contract::default() };
        let window = runs(&nights(&[(BaselineStatus::Pass, None, "y"); 4])).window(&contract, None, 20);
        let difference = "the load (executors, stages, scaling, judged phase or httpVersion)".into();
        assert_eq!(window, Window { runs: vec![], others: Some(Others { runs: 4, difference }) });
    }
}
