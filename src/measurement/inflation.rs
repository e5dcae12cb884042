//! What a run's samples are worth: by how much those of one moment are alike, and how well the run knows its own quantiles.

use super::bucket;
use super::tally::{Block, RequestTally};
use super::trend::Trend;

/// Fewer blocks say nothing about how blocks differ.
const FEWEST_BLOCKS: usize = 4;

/// The quantile of the normal distribution that a 95 % interval reaches to.
const REACH: f64 = 1.96;

/// A quantile below this, in milliseconds, is the histogram's smallest step.
const SMALLEST: f64 = 0.001;

/// What a baseline keeps of the blocks that it drops: the variance inflation of each figure that can be gated. Each at least 1.
///
/// n samples with an inflation of VIF know as much as n/VIF independent ones do: Kish's design effect (Kish, L. (1965):
/// Survey Sampling), with blocks for clusters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Inflation {
    pub p50: f64,
    pub p95: f64,
    pub p99: f64,
    pub p999: f64,
    /// Of the share of failed requests.
    pub failed: f64,
}

impl Inflation {
    /// Of no figure.
    pub const NONE: Inflation = Inflation { p50: 1.0, p95: 1.0, p99: 1.0, p999: 1.0, failed: 1.0 };

    /// That of a quantile (0 to 1); none for one that is not kept.
    fn of(&self, quantile: f64) -> Option<f64> {
        let kept = [(0.5, self.p50), (0.95, self.p95), (0.99, self.p99), (0.999, self.p999)];
        kept.into_iter().find(|(of, _)| (of - quantile).abs() < 1e-9).map(|(_, inflation)| inflation)
    }

    /// The larger of both, figure by figure.
    fn max(self, other: Inflation) -> Inflation {
        Inflation {
            p50: self.p50.max(other.p50),
            p95: self.p95.max(other.p95),
            p99: self.p99.max(other.p99),
            p999: self.p999.max(other.p999),
            failed: self.failed.max(other.failed),
        }
    }
}

impl RequestTally {
    /// The variance inflation of a quantile (0 to 1): Var over blocks of the share above the pooled quantile, as a multiple of
    /// p(1 − p)/n, which independent samples would have. At least 1, and 1 where the blocks are too few to tell; of a tally
    /// without blocks, what was kept of them.
    pub fn variance_inflation(&self, quantile: f64) -> f64 {
        if self.blocks.is_empty() {
            return self.inflation.and_then(|kept| kept.of(quantile)).unwrap_or(1.0);
        }
        let Some(pooled) = self.comparable.quantile(quantile) else { return 1.0 };
        let limit = bucket::index_of((pooled * 1000.0).round() as u64);
        let shares: Vec<(f64, f64)> = self.blocks.values().filter_map(|block| share_above(block, limit)).collect();
        over_chance(&shares)
    }

    /// The variance inflation of the share of failed requests, by the same rule.
    pub fn failure_inflation(&self) -> f64 {
        if self.blocks.is_empty() {
            return self.inflation.map_or(1.0, |kept| kept.failed);
        }
        let blocks = self.blocks.values().filter(|block| block.attempts > 0);
        let share = |block: &Block| (f64::from(block.failed) / f64::from(block.attempts), f64::from(block.attempts));
        over_chance(&blocks.map(share).collect::<Vec<_>>())
    }

    /// Drops the blocks and keeps what they say of the figures: what a baseline stores.
    pub fn drop_blocks(&mut self) {
        if !self.blocks.is_empty() {
            self.inflation = Some(Inflation {
                p50: self.variance_inflation(0.5),
                p95: self.variance_inflation(0.95),
                p99: self.variance_inflation(0.99),
                p999: self.variance_inflation(0.999),
                failed: self.failure_inflation(),
            });
            self.blocks.clear();
        }
    }

    /// w: the standard error of ln Q within this run, from the limits that its own samples put on the rank of a quantile p:
    /// (ln Q(p + e) − ln Q(p − e)) / 3.92 with e = 1.96 √(p(1 − p)·VIF/n). None where a rank limit lies beyond the samples,
    /// as with fewer than about four independent ones beyond the quantile: how far the tail goes on is not known then.
    ///
    /// Woodruff, R. S. (1952): Confidence intervals for medians and other position measures. Journal of the American
    /// Statistical Association 47.
    pub fn log_quantile_error(&self, quantile: f64) -> Option<f64> {
        rank_error(&self.comparable, quantile, self.variance_inflation(quantile))
    }

    /// Of two tallies of which at least one has dropped its blocks, the larger inflation: neither can be worth more.
    pub(super) fn merge_inflation(&mut self, other: &RequestTally) {
        self.inflation = match (self.inflation, other.inflation) {
            (Some(ours), Some(theirs)) => Some(ours.max(theirs)),
            (ours, theirs) => ours.or(theirs),
        };
    }
}

fn rank_error(samples: &Trend, quantile: f64, inflation: f64) -> Option<f64> {
    let reach = REACH * (quantile * (1.0 - quantile) * inflation / samples.count().max(1) as f64).sqrt();
    let ranks = [quantile - reach, quantile + reach];
    if !ranks.iter().all(|rank| (0.0..=1.0).contains(rank)) {
        return None;
    }
    let [low, high] = ranks.map(|rank| samples.quantile(rank).map(|value| value.max(SMALLEST).ln()));
    Some((high? - low?) / (2.0 * REACH))
}

/// Pearson's χ² over its degrees of freedom, of shares with their numbers of samples: by how much more than chance the blocks
/// differ, each with the weight of its samples. At least 1; 1 where nothing could differ.
///
/// Finney, D. J. (1947): Probit Analysis, where it is the heterogeneity factor.
fn over_chance(shares: &[(f64, f64)]) -> f64 {
    if shares.len() < FEWEST_BLOCKS {
        return 1.0;
    }
    let samples: f64 = shares.iter().map(|(_, samples)| samples).sum();
    let pooled = shares.iter().map(|(share, samples)| share * samples).sum::<f64>() / samples;
    if pooled <= 0.0 || pooled >= 1.0 {
        return 1.0;
    }
    let deviations = shares.iter().map(|(share, samples)| samples * (share - pooled).powi(2));
    let variance = deviations.sum::<f64>() / (shares.len() - 1) as f64;
    // The blocks share a given total, so independent samples would give n/(n − 1) on average.
    (variance / (pooled * (1.0 - pooled)) * (samples - 1.0) / samples).max(1.0)
}

/// The share of a block's samples in buckets above this one, and how many samples it has.
fn share_above(block: &Block, limit: u32) -> Option<(f64, f64)> {
    let samples = block.counts.total() as f64;
    let above: u64 = block.counts.iter().filter(|(index, _)| *index > limit).map(|(_, count)| u64::from(count)).sum();
    (samples > 0.0).then(|| (above as f64 / samples, samples))
}

#[cfg(test)]
mod tests;
