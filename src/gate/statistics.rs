//! The distributions behind the comparison, as few functions of statrs.

use statrs::distribution::{Beta, ContinuousCDF, Discrete, Hypergeometric, StudentsT};

/// α: the chance of a false alarm that the whole family of figures shares.
pub const ALPHA: f64 = 0.05;

/// The chance to find a change of the size that is called detectable.
pub const POWER: f64 = 0.80;

/// The quantile of Student's t with so many degrees of freedom, at least 1.
pub fn t_quantile(probability: f64, freedom: f64) -> f64 {
    students_t(freedom).inverse_cdf(probability)
}

/// The chance of a T at least this large where there is no effect.
pub fn t_tail(t: f64, freedom: f64) -> f64 {
    students_t(freedom).sf(t)
}

fn students_t(freedom: f64) -> StudentsT {
    StudentsT::new(0.0, 1.0, freedom.max(1.0)).expect("a scale of 1 and at least one degree of freedom")
}

/// Mean and standard deviation (of a sample: n − 1) of at least two figures.
pub fn mean_and_deviation(figures: &[f64]) -> (f64, f64) {
    let n = figures.len() as f64;
    let mean = figures.iter().sum::<f64>() / n;
    let squares: f64 = figures.iter().map(|figure| (figure - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0).max(1.0)).sqrt())
}

/// Holm's step-down: p values that hold for the whole family, in the order given.
///
/// Holm, S. (1979): A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6.
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut adjusted = vec![1.0; p.len()];
    let mut largest: f64 = 0.0;
    for (rank, index) in order.into_iter().enumerate() {
        largest = largest.max((p[index] * (p.len() - rank) as f64).min(1.0));
        adjusted[index] = largest;
    }
    adjusted
}

/// Events out of trials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    pub events: u64,
    pub trials: u64,
}

impl Share {
    /// 0 without trials.
    pub fn value(self) -> f64 {
        if self.trials == 0 { 0.0 } else { self.events as f64 / self.trials as f64 }
    }

    /// The smallest true share that explains so many events with more than this chance: Clopper and Pearson's bound.
    pub fn lower_bound(self, chance: f64) -> f64 {
        let Share { events, trials } = self;
        if events == 0 { 0.0 } else { beta_quantile(chance, events as f64, (trials - events) as f64 + 1.0) }
    }

    /// The largest true share that explains so few events with more than this chance: Clopper and Pearson's bound.
    pub fn upper_bound(self, chance: f64) -> f64 {
        let Share { events, trials } = self;
        if events >= trials { 1.0 } else { beta_quantile(1.0 - chance, events as f64 + 1.0, (trials - events) as f64) }
    }

    /// The true share that reaches this number of events, or more, with this chance.
    pub fn reached_with(self, chance: f64) -> f64 {
        self.lower_bound(chance)
    }

    /// Fisher's exact test, one-sided: the chance of at least so many events here, if the share is the other's. 1 where the
    /// share is not above the other's.
    pub fn rise_over(self, base: Share) -> f64 {
        if self.value() <= base.value() {
            return 1.0;
        }
        let trials = self.trials + base.trials;
        let events = self.events + base.events;
        let Ok(chance) = Hypergeometric::new(trials, events, self.trials) else { return 1.0 };
        // Beyond the mean the terms shrink, so the sum may end where they no longer count.
        let mut tail = 0.0;
        for count in self.events..=events.min(self.trials) {
            // Not `pmf`, whose binomials overflow beyond about a thousand trials.
            let term = chance.ln_pmf(count).exp();
            tail += term;
            if term < tail * 1e-12 {
                break;
            }
        }
        tail.min(1.0)
    }
}

fn beta_quantile(probability: f64, a: f64, b: f64) -> f64 {
    Beta::new(a, b).expect("shapes above 0").inverse_cdf(probability)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-3 * b.abs().max(1e-9)
    }

    /// To the four digits of printed tables, checked by integrating the density.
    #[test]
    fn quantiles_of_students_t_are_those_of_the_tables() {
        let table = [
            (0.95, 9.0, 1.8331),
            (0.975, 9.0, 2.2622),
            (0.9975, 9.0, 3.6897),
            (0.8, 19.0, 0.8610),
            (0.95, 4.0, 2.1318),
        ];
        for (p, freedom, t) in table {
            assert!(near(t_quantile(p, freedom), t), "{p} {freedom}: {}", t_quantile(p, freedom));
            assert!(near(t_tail(t, freedom), 1.0 - p), "{t} {freedom}");
        }
    }

    /// By bisection over sums of the binomial distribution.
    #[test]
    fn bounds_of_shares_are_those_of_clopper_and_pearson() {
        let table = [
            (0, 100, 0.0, 0.036217),
            (5, 100, 0.016432, 0.112835),
            (1, 1, 0.025, 1.0),
            (300, 100_000, 0.002670, 0.003359),
        ];
        for (events, trials, lower, upper) in table {
            let share = Share { events, trials };
            let bounds = (share.lower_bound(0.025), share.upper_bound(0.025));
            assert!(near(bounds.0, lower) && near(bounds.1, upper), "{share:?}: {bounds:?}");
        }
    }

    /// Sums of binomial coefficients in whole numbers.
    #[test]
    fn a_rise_is_tested_exactly() {
        let share = |events, trials| Share { events, trials };
        let table = [
            (share(5, 1000), share(0, 10_000), 6.1e-6),
            (share(3, 10), share(1, 15), 0.158893),
            (share(0, 10), share(1, 15), 1.0),
            (share(2, 100), share(20, 1000), 1.0),
        ];
        for (candidate, base, p) in table {
            let found = candidate.rise_over(base);
            assert!((found - p).abs() < 0.02 * p, "{candidate:?} {base:?}: {found}");
        }
    }

    #[test]
    fn holm_multiplies_step_by_step() {
        let adjusted = holm(&[0.04, 0.01, 0.03, 0.005]);
        let expected = [0.06, 0.03, 0.06, 0.02];
        assert!(adjusted.iter().zip(expected).all(|(a, b)| near(*a, b)), "{adjusted:?}");
        assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
    }
}
