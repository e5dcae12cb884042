//! A latency quantile against its history: ln Q, for what slows a service down multiplies.

use crate::plan::policy::Regression;

use super::RowOutcome;
use super::statistics::{ALPHA, POWER, mean_and_deviation, t_quantile, t_tail};

/// The relative width of the histogram's buckets: a standard deviation of ln Q below this is its rounding, no knowledge.
const RESOLUTION: f64 = 0.001;

/// The histogram's smallest step in milliseconds: the width of its buckets below 2 ms.
const SMALLEST: f64 = 0.001;

/// A quantile of one run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantile {
    /// In milliseconds.
    pub value: f64,
    /// w: its standard error within the run, on the scale of ln Q; none where the run's samples can't tell.
    pub error: Option<f64>,
}

impl Quantile {
    fn log(self) -> f64 {
        self.value.max(SMALLEST).ln()
    }

    /// What the histogram can tell apart, on the scale of ln Q.
    fn resolution(self) -> f64 {
        RESOLUTION.max(SMALLEST / self.value.max(SMALLEST))
    }
}

/// The effect on one quantile.
#[derive(Clone, Debug)]
pub struct Latency {
    /// In milliseconds: the geometric mean of the window.
    pub base: f64,
    pub candidate: f64,
    /// θ̂ = ln Q(candidate) − mean of ln Q over the window.
    effect: f64,
    /// √V
    error: f64,
    freedom: f64,
}

impl Latency {
    /// From the quantile of each run of the window (at least two) and of the candidate.
    ///
    /// V = s²(1 + 1/K) + max(0, w² − mean of w_k²): the variance of a prediction from K runs (Hahn, G. J. (1969): Factors for
    /// calculating two-sided prediction intervals for samples from a normal distribution. Journal of the American
    /// Statistical Association 64), and what the candidate's own sampling error adds where it has fewer samples than its
    /// history. Runs can't be known to be more alike than the samples within them are, nor than the histogram can tell: s is at
    /// least the root of mean w_k², and at least the resolution.
    pub fn new(window: &[Quantile], candidate: Quantile) -> Self {
        let logs: Vec<f64> = window.iter().map(|quantile| quantile.log()).collect();
        let (mean, deviation) = mean_and_deviation(&logs);
        let runs = logs.len() as f64;
        let errors: Vec<f64> = window.iter().filter_map(|quantile| quantile.error).map(|error| error.powi(2)).collect();
        let within = if errors.is_empty() { 0.0 } else { errors.iter().sum::<f64>() / errors.len() as f64 };
        let resolution = window.iter().copied().map(Quantile::resolution).fold(candidate.resolution(), f64::max);
        let between = deviation.powi(2).max(within).max(resolution.powi(2));
        let excess = candidate.error.map_or(0.0, |error| (error.powi(2) - within).max(0.0));
        let variance = between * (1.0 + 1.0 / runs) + excess;
        Latency {
            base: mean.exp(),
            candidate: candidate.value,
            effect: candidate.log() - mean,
            error: variance.sqrt(),
            freedom: runs - 1.0,
        }
    }

    /// Relative: 0.12 is 12 % slower.
    pub fn change(&self) -> f64 {
        self.effect.exp_m1()
    }

    pub fn t(&self) -> f64 {
        self.effect / self.error
    }

    /// One-sided: the chance of such a rise where nothing changed.
    pub fn p(&self) -> f64 {
        t_tail(self.t(), self.freedom)
    }

    /// 95 % interval of the change.
    pub fn interval(&self) -> (f64, f64) {
        let reach = t_quantile(0.975, self.freedom) * self.error;
        ((self.effect - reach).exp_m1(), (self.effect + reach).exp_m1())
    }

    /// The smallest change that is found in 80 % of runs among a family of so many figures.
    pub fn detectable(&self, family: usize, rules: &Regression) -> f64 {
        let critical = t_quantile(1.0 - ALPHA / family as f64, self.freedom) * self.error;
        let needed = critical.max(rules.tolerance.ln_1p());
        (needed + t_quantile(POWER, self.freedom) * self.error).exp_m1()
    }

    /// The three-way rule.
    pub fn outcome(&self, p_adjusted: f64, rules: &Regression) -> RowOutcome {
        let limit = rules.tolerance.ln_1p();
        let floor = rules.floor.as_secs_f64() * 1000.0;
        let upper = self.effect + t_quantile(1.0 - ALPHA, self.freedom) * self.error;
        if p_adjusted <= ALPHA && self.effect >= limit && self.candidate - self.base >= floor {
            RowOutcome::Fail
        } else if upper < limit || self.base * upper.exp_m1() < floor {
            RowOutcome::Pass
        } else {
            RowOutcome::TooNoisy
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Quantiles that each run knows exactly.
    fn exact(window: &[f64]) -> Vec<Quantile> {
        window.iter().map(|value| Quantile { value: *value, error: Some(0.0) }).collect()
    }

    fn latency(window: &[f64], candidate: f64) -> Latency {
        Latency::new(&exact(window), Quantile { value: candidate, error: Some(0.0) })
    }

    #[test]
    fn the_figures_follow_from_the_window() {
        // ln of the window: 0 ± ln 1.1, so s = 0.100464 (n − 1 = 9) and √V = 0.105368.
        let window: Vec<f64> = (0..10).map(|run| if run % 2 == 0 { 11.0 } else { 10.0 / 1.1 }).collect();
        let latency = latency(&window, 13.0);
        assert!((latency.base - 10.0).abs() < 1e-9 && (latency.change() - 0.3).abs() < 1e-9);
        assert!((latency.error - 0.105_368).abs() < 1e-5, "{}", latency.error);
        assert!((latency.t() - 2.489_97).abs() < 1e-3, "{}", latency.t());
        // The density of Student's t on 9 degrees of freedom, integrated from 2.49.
        assert!((latency.p() - 0.01722).abs() < 1e-4, "{}", latency.p());
        let (low, high) = latency.interval();
        assert!((low - 0.0243).abs() < 1e-3 && (high - 0.6499).abs() < 1e-3, "{low} {high}");
    }

    #[test]
    fn a_steady_history_still_has_the_histograms_error() {
        let steady = latency(&[10.0; 10], 10.0);
        assert!(steady.error > 0.001 && steady.t().abs() < 1e-9 && (steady.p() - 0.5).abs() < 1e-9);
        // At 40 µs a step of the histogram is 2.5 %.
        let quick = latency(&[0.040; 10], 0.041);
        assert!((quick.t() - 0.94).abs() < 0.01 && quick.p() > 0.1, "{}", quick.t());
        assert!(latency(&[0.0; 10], 0.0).t() == 0.0, "a window of zeros");
    }

    /// Ten runs of 10 ms whose ln Q deviates by 1 %, and w as in the table.
    #[test]
    fn a_runs_own_error_widens_its_interval() {
        let spread = |error| {
            let logs = [-1.0, 1.0].into_iter().cycle().take(10).map(move |sign| sign * 0.01 * 0.9_f64.sqrt());
            logs.map(|log: f64| Quantile { value: 10.0 * log.exp(), error }).collect::<Vec<_>>()
        };
        let table: [(&str, Option<f64>, Option<f64>, f64); 6] = [
            ("no error within", Some(0.0), Some(0.0), 1.1e-4),
            ("the same error within is in s already", Some(0.008), Some(0.008), 1.1e-4),
            ("fewer samples than the history", Some(0.008), Some(0.02), 1.1e-4 + 4e-4 - 0.64e-4),
            ("more samples earn nothing", Some(0.008), Some(0.001), 1.1e-4),
            ("runs agree better than they can know", Some(0.03), Some(0.03), 9e-4 * 1.1),
            ("not known of the window", None, Some(0.02), 1.1e-4 + 4e-4),
        ];
        for (what, window, candidate, variance) in table {
            let latency = Latency::new(&spread(window), Quantile { value: 10.0, error: candidate });
            assert!((latency.error.powi(2) - variance).abs() < 1e-9, "{what}: {}", latency.error.powi(2));
        }
    }

    #[test]
    fn the_three_way_rule() {
        let rules = Regression { tolerance: 0.10, floor: Duration::from_millis(1), ..Regression::default() };
        let steady = [9.9, 10.1, 10.0, 10.0, 9.95, 10.05, 10.0, 10.0, 9.9, 10.1];
        let noisy = [8.0, 12.0, 9.0, 11.0, 10.0, 8.5, 12.5, 10.0, 9.0, 11.0];
        let quick = steady.map(|quantile| quantile / 20.0);
        let table: &[(&str, &[f64], f64, RowOutcome)] = &[
            ("no change", &steady, 10.0, RowOutcome::Pass),
            ("faster", &steady, 5.0, RowOutcome::Pass),
            ("within the tolerance", &steady, 10.5, RowOutcome::Pass),
            ("proven, but under the tolerance", &steady, 10.95, RowOutcome::TooNoisy),
            ("proven", &steady, 12.0, RowOutcome::Fail),
            ("nothing can be said", &noisy, 10.5, RowOutcome::TooNoisy),
            ("large, but not proven", &noisy, 12.5, RowOutcome::TooNoisy),
            ("too large for noise", &noisy, 40.0, RowOutcome::Fail),
            ("double, but under the floor", &quick, 1.0, RowOutcome::Pass),
            ("over the floor", &quick, 1.6, RowOutcome::Fail),
        ];
        for (what, window, candidate, outcome) in table {
            let latency = latency(window, *candidate);
            assert_eq!(latency.outcome(latency.p(), &rules), *outcome, "{what}");
        }
        let proven = latency(&steady, 12.0);
        assert_eq!(proven.outcome(0.06, &rules), RowOutcome::TooNoisy, "not in its family");
    }
}
