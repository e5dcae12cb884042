//! Steps: whether a series of runs has moved to another level, and when.
//!
//! A series has one value for each run. The statistic is the largest difference between the mean before a run and the mean
//! from it on, over all runs, weighed by the runs on both sides. What it can be without a step is known from the same values
//! in random order.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_xoshiro::Xoshiro256PlusPlus;

/// Runs that a level needs: the one with which it begins, and those that confirm it.
pub const LEVEL: usize = 4;

/// Runs that are looked at before the latest: older ones know little of how runs differ today.
pub(super) const HORIZON: usize = 30;

/// The share of false ones that is accepted among the series in which a step is found on one night: few, for there are many
/// nights. Where a suspect says that there may be a step, less has to be shown.
pub(super) const FALSE_DISCOVERIES: f64 = 0.001;
pub(super) const FALSE_DISCOVERIES_NEAR_SUSPECTS: f64 = 0.01;

/// Random orders that are drawn at most for a series.
const MOST_ORDERS: usize = 400_000;

/// Orders are drawn from this seed: the same runs show the same steps, whenever they are read.
const SEED: u64 = 0x5eed_ba5e;

/// Where the levels of a series differ the most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Split {
    /// The first value of the later level.
    pub at: usize,
    /// Mean of the later level minus that of the earlier one.
    pub difference: f64,
    /// |difference| · √(k(n − k)/n), with k values before.
    statistic: f64,
}

/// The split with the largest weighed difference, with [`LEVEL`] values on both sides at least; none in a shorter series.
///
/// Sen, A. and Srivastava, M. S. (1975): On tests for detecting change in mean. Annals of Statistics 3.
pub(super) fn largest_split(values: &[f64]) -> Option<Split> {
    split_before(values, LEVEL)
}

/// Whether the latest values may be the start of a level of their own: then it is too early to say where the step is.
pub(super) fn is_too_early(values: &[f64], split: Split) -> bool {
    split_before(values, 1).is_some_and(|best| best.at > split.at)
}

/// The split with the largest weighed difference and so many values after it at least.
fn split_before(values: &[f64], later: usize) -> Option<Split> {
    let n = values.len();
    let total: f64 = values.iter().sum();
    let mut before = 0.0;
    let mut largest: Option<Split> = None;
    for (index, value) in values.iter().enumerate() {
        if index >= LEVEL && n - index >= later {
            let (left, right) = (index as f64, (n - index) as f64);
            let difference = (total - before) / right - before / left;
            let statistic = difference.abs() * (left * right / n as f64).sqrt();
            if largest.is_none_or(|largest| statistic > largest.statistic) {
                largest = Some(Split { at: index, difference, statistic });
            }
        }
        before += value;
    }
    largest
}

/// Series with a split, and the chance of so large a one if the values came in any order: (b + 1)/(m + 1) for b of m random
/// orders whose largest split is no smaller. None where it is above `rate`, and no discovery whatever the others are.
///
/// Antoch, J. and Hušková, M. (2001): Permutation tests in change point analysis. Statistics & Probability Letters 53.
/// Phipson, B. and Smyth, G. K. (2010): Permutation p-values should never be zero. Statistical Applications in Genetics and
/// Molecular Biology 9. Besag, J. and Clifford, P. (1991): Sequential Monte Carlo p-values. Biometrika 78.
pub(super) fn chances(splits: &[(&[f64], Split)], family: usize, rate: f64) -> Vec<Option<f64>> {
    let all = |orders: f64| {
        let orders = (orders as usize).min(MOST_ORDERS);
        splits.iter().map(|(values, split)| chance(values, *split, orders, rate)).collect::<Vec<Option<f64>>>()
    };
    // Most series are settled by the first few of these.
    let first = all(2.0 / rate);
    match first.iter().flatten().count() {
        0 => first,
        // So small must the p values of the others be if they alone have a step; half of it, to tell.
        left => all((2.0 * family as f64 / left as f64).max(4.0) / rate),
    }
}

/// None once it is above `rate`, however the rest of the orders would come out.
fn chance(values: &[f64], split: Split, orders: usize, rate: f64) -> Option<f64> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let mut values: Vec<f64> = values.iter().map(|value| value - mean).collect();
    // What rounding alone makes smaller is no smaller.
    let observed = split.statistic * (1.0 - 1e-9);
    let p = |as_large: usize| (as_large + 1) as f64 / (orders + 1) as f64;
    let mut as_large = 0;
    for _ in 0..orders {
        values.shuffle(&mut random);
        as_large += usize::from(reaches(&values, observed));
        if p(as_large) > rate {
            return None;
        }
    }
    Some(p(as_large))
}

/// Whether the largest split of values with a mean of zero has such a statistic: |S|·√(n/(k(n − k))) for the sum S of the first
/// k. This is the innermost loop.
fn reaches(values: &[f64], statistic: f64) -> bool {
    let n = values.len() as f64;
    let limit = statistic * statistic / n;
    let (mut sum, mut k) = (0.0, 0.0);
    for value in &values[..values.len() - LEVEL] {
        sum += value;
        k += 1.0;
        if k >= LEVEL as f64 && sum * sum >= limit * k * (n - k) {
            return true;
        }
    }
    false
}

/// Whether a straight line explains the values better than two levels: then they drift, and no run is a step.
pub(super) fn drifts_rather(values: &[f64], split: Split) -> bool {
    let squares = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        values.iter().map(|value| (value - mean).powi(2)).sum::<f64>()
    };
    let (left, right) = values.split_at(split.at);
    let centre = (values.len() as f64 - 1.0) / 2.0;
    let (mut products, mut times) = (0.0, 0.0);
    for (index, value) in values.iter().enumerate() {
        let time = index as f64 - centre;
        products += time * value;
        times += time * time;
    }
    squares(values) - products * products / times < squares(left) + squares(right)
}

/// Which of the p values are discoveries, so that at most a share of `rate` of them is expected to be false.
///
/// Benjamini, Y. and Hochberg, Y. (1995): Controlling the false discovery rate. Journal of the Royal Statistical Society B 57.
pub(super) fn discoveries(p: &[f64], rate: f64) -> Vec<bool> {
    let mut sorted = p.to_vec();
    sorted.sort_by(f64::total_cmp);
    let holds = |(index, p): &(usize, &f64)| **p <= rate * (index + 1) as f64 / sorted.len() as f64;
    let limit = sorted.iter().enumerate().rev().find(holds).map(|(_, p)| *p);
    p.iter().map(|p| limit.is_some_and(|limit| *p <= limit)).collect()
}

#[cfg(test)]
mod tests;
