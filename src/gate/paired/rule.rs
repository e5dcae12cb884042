//! The three-way rule: fail what is proven, pass what is ruled out, and say of the rest that it is neither.

use crate::gate::RowOutcome;
use crate::gate::statistics::{POWER, Share};
use crate::plan::policy::Regression;

use super::family::Effect;

/// Fewer failures than this prove nothing; fewer of both arms together are counted exactly instead of by block.
pub const FEWEST_FAILURES: u64 = 5;

/// A latency quantile, its effect on the scale of ln of the ratio.
#[derive(Clone, Copy, Debug)]
pub struct Latency {
    pub effect: Effect,
    /// The reference's quantile over the judged phase, in milliseconds, above 0.
    pub base: f64,
    pub candidate: f64,
}

impl Latency {
    /// Relative: 0.12 is 12 % slower.
    pub fn change(&self) -> f64 {
        self.effect.mean.exp_m1()
    }

    /// 95 % interval of the change.
    pub fn interval(&self) -> (f64, f64) {
        let (low, high) = self.effect.interval();
        (low.exp_m1(), high.exp_m1())
    }

    /// The smallest change that fails in 80 % of such runs: one under the floor never does.
    pub fn detectable(&self, rules: &Regression) -> f64 {
        let floor = (floor(rules) / self.base).ln_1p();
        self.effect.detectable(rules.tolerance.ln_1p().max(floor)).exp_m1()
    }

    /// FAIL: proven, at least δ, and the quantile has risen by the floor at least. PASS: less than δ, or than the floor, even
    /// at the upper bound.
    pub fn outcome(&self, rules: &Regression) -> RowOutcome {
        let (limit, floor) = (rules.tolerance.ln_1p(), floor(rules));
        let upper = self.effect.upper_bound();
        if self.effect.proven() && self.effect.mean >= limit && self.candidate - self.base >= floor {
            RowOutcome::Fail
        } else if upper < limit || self.base * upper.exp_m1() < floor {
            RowOutcome::Pass
        } else {
            RowOutcome::TooNoisy
        }
    }
}

/// In milliseconds.
fn floor(rules: &Regression) -> f64 {
    rules.floor.as_secs_f64() * 1000.0
}

/// A request's failures, their effect the difference of shares.
#[derive(Clone, Copy, Debug)]
pub struct Failures {
    pub effect: Effect,
    /// Over the judged phase.
    pub base: Share,
    pub candidate: Share,
    /// Blocks in which the candidate failed at all.
    pub blocks: usize,
}

impl Failures {
    /// Of both arms together, too few for blocks to differ by.
    fn few(&self) -> bool {
        self.base.events + self.candidate.events < FEWEST_FAILURES
    }

    /// 95 % interval of the difference: by the blocks, or where failures are few, by Clopper and Pearson for each arm, at half
    /// of the 5 % each.
    pub fn interval(&self) -> (f64, f64) {
        if !self.few() {
            return self.effect.interval();
        }
        let between = |low: Share, high: Share| low.lower_bound(0.0125) - high.upper_bound(0.0125);
        (between(self.candidate, self.base), -between(self.base, self.candidate))
    }

    /// The smallest rise that fails in 80 % of such runs: it takes five failures, too.
    pub fn detectable(&self, rules: &Regression) -> f64 {
        let counted = Share { events: FEWEST_FAILURES.min(self.candidate.trials), ..self.candidate };
        let enough = counted.reached_with(POWER) - self.base.value();
        self.effect.detectable(rules.failure_tolerance).max(enough)
    }

    /// FAIL: proven, at least the tolerance, at least five failures in at least two blocks. PASS: less than the tolerance even
    /// at the upper bound, which is exact where failures are few; the reference's own share is at least 0, so the candidate's
    /// upper bound is one of the difference. Few failures among too few requests for that are too few samples. Many that prove
    /// nothing, such as one burst, are noise.
    pub fn outcome(&self, rules: &Regression) -> RowOutcome {
        let limit = rules.failure_tolerance;
        let exact = |share: Share| share.upper_bound(self.effect.alpha);
        let enough = self.candidate.events >= FEWEST_FAILURES && self.blocks >= 2;
        if self.effect.proven() && self.effect.mean >= limit && enough {
            return RowOutcome::Fail;
        }
        let upper = if self.few() { exact(self.candidate) } else { self.effect.upper_bound() };
        if upper < limit {
            RowOutcome::Pass
        } else if self.few() && exact(Share { events: 0, ..self.candidate }) >= limit {
            RowOutcome::TooFewSamples
        } else {
            RowOutcome::TooNoisy
        }
    }
}

#[cfg(test)]
mod tests;
