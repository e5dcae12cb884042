//! A failure rate against its history, by exact tests of counts.

use crate::plan::policy::Regression;

use super::RowOutcome;
use super::statistics::{ALPHA, POWER, Share};

/// Fewer failures than this prove nothing.
const FEWEST_FAILURES: u64 = 5;

/// Failures that came at once prove no more than one: effective ones are counted after the variance inflation.
const FEWEST_INDEPENDENT: u64 = 2;

/// The effect on a request's failure rate.
#[derive(Clone, Debug)]
pub struct Failures {
    candidate: Share,
    /// All runs of the window together.
    base: Share,
    /// Both, with fewer trials where requests fail together, or runs differ by more than chance.
    effective: (Share, Share),
    /// What the candidate's trials would be worth if failures came as they do in the window.
    usual_trials: u64,
}

/// The variance inflations of failure rates within runs, each at least 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Inflations {
    pub candidate: f64,
    /// The mean over the runs of the window.
    pub window: f64,
}

impl Inflations {
    /// Every request for itself.
    #[cfg(test)]
    pub const NONE: Inflations = Inflations { candidate: 1.0, window: 1.0 };
}

impl Failures {
    /// From the counts of each run of the window and of the candidate. The window's inflation is what is seen between its runs
    /// or within them, whichever is more; the candidate's is at least that.
    pub fn new(window: &[Share], candidate: Share, within: Inflations) -> Self {
        let base = Share {
            events: window.iter().map(|run| run.events).sum(),
            trials: window.iter().map(|run| run.trials).sum(),
        };
        let usual = inflation(window, base.value()).max(within.window);
        let shrink = |share: Share, inflation: f64| {
            let trials = ((share.trials as f64 / inflation) as u64).max(1);
            Share { events: ((share.events as f64 / inflation).round() as u64).min(trials), trials }
        };
        let effective = (shrink(candidate, usual.max(within.candidate)), shrink(base, usual));
        Failures { candidate, base, effective, usual_trials: shrink(candidate, usual).trials }
    }

    pub fn base(&self) -> f64 {
        self.base.value()
    }

    pub fn candidate(&self) -> f64 {
        self.candidate.value()
    }

    /// The difference of shares.
    pub fn change(&self) -> f64 {
        self.candidate() - self.base()
    }

    /// One-sided: the chance of such a rise where nothing changed.
    pub fn p(&self) -> f64 {
        self.effective.0.rise_over(self.effective.1)
    }

    /// 95 % interval of the change, by Clopper and Pearson, against the window's pooled rate.
    pub fn interval(&self) -> (f64, f64) {
        let candidate = self.effective.0;
        (candidate.lower_bound(0.025) - self.base(), candidate.upper_bound(0.025) - self.base())
    }

    /// The smallest rise that is found in 80 % of runs among a family of so many figures; none where no rise could be.
    pub fn detectable(&self, family: usize, rules: &Regression) -> Option<f64> {
        let (candidate, base) = self.effective;
        let trials = candidate.trials;
        let found = |events: u64| {
            let share = Share { events, trials };
            events >= FEWEST_FAILURES
                && share.value() - self.base() >= rules.failure_tolerance
                && share.rise_over(base) <= ALPHA / family as f64
        };
        if !found(trials) {
            return None;
        }
        let (mut missed, mut enough) = (0, trials);
        while enough - missed > 1 {
            let middle = missed + (enough - missed) / 2;
            if found(middle) { enough = middle } else { missed = middle }
        }
        Some(Share { events: enough, trials }.reached_with(POWER) - self.base())
    }

    /// The three-way rule. A run that could not show the absence of a rise even without a single failure has too few
    /// samples for a pass; a fail needs no more than the failures themselves, if they are more than one burst.
    pub fn outcome(&self, p_adjusted: f64, rules: &Regression) -> RowOutcome {
        let candidate = self.effective.0;
        let rise_at_most = |share: Share| share.upper_bound(ALPHA) - self.base();
        let spotless = Share { events: 0, trials: self.usual_trials };
        let several = self.candidate.events >= FEWEST_FAILURES && candidate.events >= FEWEST_INDEPENDENT;
        if p_adjusted <= ALPHA && self.change() >= rules.failure_tolerance && several {
            RowOutcome::Fail
        } else if rise_at_most(candidate) < rules.failure_tolerance {
            RowOutcome::Pass
        } else if rise_at_most(spotless) >= rules.failure_tolerance {
            RowOutcome::TooFewSamples
        } else {
            RowOutcome::TooNoisy
        }
    }
}

/// By how much more than chance the runs' rates differ (Pearson's χ² over its degrees of freedom), at least 1: bursts of
/// failures make requests of one run alike, and the run is the replicate, not the request.
fn inflation(window: &[Share], pooled: f64) -> f64 {
    if window.len() < 2 || pooled <= 0.0 || pooled >= 1.0 {
        return 1.0;
    }
    let deviation = |run: &Share| {
        let expected = run.trials as f64 * pooled;
        (run.events as f64 - expected).powi(2) / (expected * (1.0 - pooled))
    };
    let counted = window.iter().filter(|run| run.trials > 0);
    (counted.map(deviation).sum::<f64>() / (window.len() - 1) as f64).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(events: &[u64], trials: u64) -> Vec<Share> {
        events.iter().map(|&events| Share { events, trials }).collect()
    }

    #[test]
    fn the_three_way_rule() {
        let rules = Regression::default(); // 0.1 points
        let none = shares(&[0; 10], 10_000);
        let some = shares(&[9, 11, 10, 8, 12, 10, 10, 9, 11, 10], 10_000);
        let bursts = shares(&[0, 0, 0, 300, 0, 0, 0, 0, 250, 0], 10_000);
        let table: &[(&str, &[Share], u64, u64, RowOutcome)] = &[
            ("no failures, as ever", &none, 0, 10_000, RowOutcome::Pass),
            ("a few under the limit", &none, 3, 10_000, RowOutcome::Pass),
            ("proven, but under the limit", &none, 8, 10_000, RowOutcome::TooNoisy),
            ("proven", &none, 40, 10_000, RowOutcome::Fail),
            ("four are too few to prove anything", &none, 4, 1_000, RowOutcome::TooFewSamples),
            ("five of a thousand", &none, 5, 1_000, RowOutcome::Fail),
            ("a short run can't show a pass", &none, 0, 1_000, RowOutcome::TooFewSamples),
            ("the usual rate", &some, 10, 10_000, RowOutcome::Pass),
            ("a rise over the usual rate", &some, 45, 10_000, RowOutcome::Fail),
            ("a burst as there were before", &bursts, 280, 10_000, RowOutcome::TooFewSamples),
            ("everything fails", &some, 10_000, 10_000, RowOutcome::Fail),
        ];
        for (what, window, events, trials, outcome) in table {
            let candidate = Share { events: *events, trials: *trials };
            let failures = Failures::new(window, candidate, Inflations::NONE);
            assert_eq!(failures.outcome(failures.p(), &rules), *outcome, "{what}: {failures:?}, p {}", failures.p());
        }
    }

    /// 10,000 requests against a window without a failure, or with the usual ten a run; 20 blocks.
    #[test]
    fn failures_that_came_together_prove_no_more_than_one() {
        let rules = Regression::default();
        let (none, some) = (shares(&[0; 10], 10_000), shares(&[10; 10], 10_000));
        let bursts = |candidate| Inflations { candidate, window: 1.0 };
        let table: &[(&str, &[Share], u64, Inflations, RowOutcome)] = &[
            ("40, each for itself", &none, 40, bursts(1.0), RowOutcome::Fail),
            ("40 in one burst", &none, 40, bursts(40.0), RowOutcome::TooNoisy),
            ("400 in one burst", &none, 400, bursts(400.0), RowOutcome::TooNoisy),
            ("400 in ten bursts", &none, 400, bursts(40.0), RowOutcome::Fail),
            ("everything fails", &none, 10_000, bursts(1.0), RowOutcome::Fail),
            ("a third of the run is down", &none, 3_300, bursts(500.0), RowOutcome::Fail),
            ("bursts are usual", &some, 40, Inflations { candidate: 20.0, window: 20.0 }, RowOutcome::TooFewSamples),
        ];
        for (what, window, events, within, outcome) in table {
            let failures = Failures::new(window, Share { events: *events, trials: 10_000 }, *within);
            assert_eq!(failures.outcome(failures.p(), &rules), *outcome, "{what}: {failures:?}, p {}", failures.p());
        }
    }

    #[test]
    fn the_detectable_rise_is_found_four_times_in_five() {
        let rules = Regression::default();
        let none = shares(&[0; 10], 10_000);
        let detectable =
            Failures::new(&none, Share { events: 0, trials: 10_000 }, Inflations::NONE).detectable(1, &rules).unwrap();
        // 10 failures are the first that reach the limit of 0.1 points; 12.5 are expected at this rate.
        assert!((detectable - 0.00125).abs() < 1e-4, "{detectable}");
        let few = Failures::new(&none, Share { events: 0, trials: 3 }, Inflations::NONE);
        assert_eq!(few.detectable(1, &rules), None);
    }
}
