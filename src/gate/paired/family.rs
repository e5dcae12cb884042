//! All figures that a run is judged by, tested together.

use crate::gate::statistics::{POWER, t_quantile};

use super::estimates::{Estimate, Matrix, PairedMetric, estimates};
use super::flips::{MaxT, max_t};

/// What the blocks say of the metrics of one run.
#[derive(Clone, Debug)]
pub struct Family {
    /// In the order of the metrics.
    pub effects: Vec<Effect>,
    /// Pairs of blocks.
    pub blocks: usize,
}

/// The effect on one metric of a family, on the metric's scale.
#[derive(Clone, Copy, Debug)]
pub struct Effect {
    /// d̄
    pub mean: f64,
    /// Its standard error, with what blocks share and what differs between deployments: √(SE² + τ²).
    pub error: f64,
    /// Holds for the whole family; one-sided: small where the candidate is worse.
    pub p_adjusted: f64,
    /// The T that the largest of the family reaches by chance in a share α of runs.
    pub critical: f64,
    /// α of this look at the run.
    pub alpha: f64,
    /// Degrees of freedom, B − 1.
    freedom: f64,
}

impl Family {
    /// Tests metrics with the same blocks, two or more, at the level α of this look. The seed is that of the random flips.
    ///
    /// T is the mean effect over √(SE² + τ²). The flips have their plain sd/√B instead: they say how a studentised mean of so many
    /// independent blocks varies. What makes blocks alike, and deployments differ, they can't see; it makes T smaller.
    pub fn new(metrics: &[PairedMetric], alpha: f64, seed: u64) -> Family {
        let mut family = Family::untested(metrics, alpha);
        let t: Vec<f64> = family.effects.iter().map(Effect::t).collect();
        if !t.is_empty() {
            let MaxT { p_adjusted, critical } = max_t(&Matrix::new(metrics), &t, alpha, seed);
            for (effect, p) in family.effects.iter_mut().zip(p_adjusted) {
                (effect.p_adjusted, effect.critical) = (p, critical);
            }
        }
        family
    }

    /// Estimates the effects and tests none of them.
    pub fn untested(metrics: &[PairedMetric], alpha: f64) -> Family {
        let blocks = metrics.first().map_or(0, |metric| metric.effects.len());
        if blocks < 2 {
            return Family { effects: Vec::new(), blocks };
        }
        let effect = |(metric, Estimate { mean, error }): (&PairedMetric, Estimate)| Effect {
            mean,
            error: error.hypot(metric.between_deployments),
            p_adjusted: 1.0,
            critical: f64::INFINITY,
            alpha,
            freedom: (blocks - 1) as f64,
        };
        Family { effects: metrics.iter().zip(estimates(metrics)).map(effect).collect(), blocks }
    }
}

impl Effect {
    /// T = d̄ / √(SE² + τ²); 0 where all effects are 0.
    pub fn t(&self) -> f64 {
        self.mean / self.error
    }

    /// Whether the effect is proven, in its family and at the α of this look.
    pub fn proven(&self) -> bool {
        self.p_adjusted <= self.alpha
    }

    /// The upper bound of the true effect, one-sided, that holds in a share 1 − α of runs.
    pub fn upper_bound(&self) -> f64 {
        self.mean + t_quantile(1.0 - self.alpha, self.freedom) * self.error
    }

    /// The 95 % interval of the true effect.
    pub fn interval(&self) -> (f64, f64) {
        let reach = t_quantile(0.975, self.freedom) * self.error;
        (self.mean - reach, self.mean + reach)
    }

    /// The smallest effect that is proven and reaches `limit` in 80 % of such runs.
    pub fn detectable(&self, limit: f64) -> f64 {
        (self.critical * self.error).max(limit) + t_quantile(POWER, self.freedom) * self.error
    }
}

#[cfg(test)]
mod tests;
