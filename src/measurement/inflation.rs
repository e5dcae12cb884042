//! By how much samples of one run are alike: what n of them are worth.

use super::bucket;
use super::tally::{Block, RequestTally};

/// Fewer blocks say nothing about how blocks differ.
const FEWEST_BLOCKS: usize = 4;

impl RequestTally {
    /// The variance inflation of a quantile (0 to 1): Var over blocks of the share above the pooled quantile, as a multiple of
    /// p(1 − p)/n, which independent samples would have. At least 1, and 1 where the blocks are too few to tell.
    pub fn variance_inflation(&self, quantile: f64) -> f64 {
        let Some(pooled) = self.comparable.quantile(quantile) else { return 1.0 };
        let limit = bucket::index_of((pooled * 1000.0).round() as u64);
        let shares: Vec<(f64, f64)> = self.blocks.values().filter_map(|block| share_above(block, limit)).collect();
        if shares.len() < FEWEST_BLOCKS {
            return 1.0;
        }
        let samples: f64 = shares.iter().map(|(_, samples)| samples).sum();
        let above = shares.iter().map(|(share, samples)| share * samples).sum::<f64>() / samples;
        if above <= 0.0 || above >= 1.0 {
            return 1.0;
        }
        // Pearson's χ² over its degrees of freedom: each block weighs what its samples do.
        let deviations = shares.iter().map(|(share, samples)| samples * (share - above).powi(2));
        let variance = deviations.sum::<f64>() / (shares.len() - 1) as f64;
        (variance / (above * (1.0 - above))).max(1.0)
    }
}

/// The share of a block's samples in buckets above this one, and how many samples it has.
fn share_above(block: &Block, limit: u32) -> Option<(f64, f64)> {
    let samples = block.counts.total() as f64;
    let above: u64 = block.counts.iter().filter(|(index, _)| *index > limit).map(|(_, count)| u64::from(count)).sum();
    (samples > 0.0).then(|| (above as f64 / samples, samples))
}
