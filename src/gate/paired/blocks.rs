//! Pairs of blocks: what both arms measured of a request at one time.

use std::ops::Range;

use crate::measurement::{RequestTally, bucket};

/// Samples that must lie beyond a quantile in each arm of a block: n(1 − p).
const FEWEST_BEYOND: f64 = 5.0;

/// Fewer blocks prove nothing: with 8, an effect must be of one sign in all but one of them to be beyond chance.
pub const FEWEST_BLOCKS: usize = 8;

/// The smallest step of a histogram, in milliseconds; a quantile of less counts as one.
pub const STEP: f64 = 0.001;

/// The relative width of a histogram's bucket above 2 ms; below, it is a step.
const RESOLUTION: f64 = 0.001;

/// A request as both arms measured it.
#[derive(Clone, Debug)]
pub struct RequestPair<'a> {
    pub name: &'a str,
    pub candidate: &'a RequestTally,
    pub reference: &'a RequestTally,
    /// Comparable samples of candidate and reference in each block of the grid.
    samples: Vec<[u64; 2]>,
}

impl<'a> RequestPair<'a> {
    /// On a grid of so many blocks. A block that is not there has no samples.
    pub fn new(name: &'a str, candidate: &'a RequestTally, reference: &'a RequestTally, blocks: u32) -> Self {
        let samples = |tally: &RequestTally, block| tally.blocks.get(&block).map_or(0, |block| block.counts.total());
        let samples = (0..blocks).map(|block| [samples(candidate, block), samples(reference, block)]).collect();
        RequestPair { name, candidate, reference, samples }
    }

    /// What a quantile (0 to 1) of the request needs of a block.
    pub fn need(&self, quantile: f64) -> Need<'_> {
        // 5 / (1 − 0.95) is 99.99999999999991.
        Need { samples: &self.samples, least: (FEWEST_BEYOND / (1.0 - quantile) - 1e-6).ceil() as u64 }
    }

    /// d of a quantile (0 to 1) in each of the joined blocks, all of which have samples of both arms: ln of the ratio
    /// candidate / reference.
    pub fn log_ratios(&self, quantile: f64, joined: &[Range<u32>]) -> Vec<f64> {
        let of = |tally, blocks: &Range<u32>| Counts::of(tally, blocks.clone()).quantile(quantile);
        joined.iter().map(|blocks| (of(self.candidate, blocks) / of(self.reference, blocks)).ln()).collect()
    }

    /// d of the failures in each of the joined blocks: the difference of shares, candidate − reference. A block in which one
    /// arm has no request shows none.
    pub fn failure_differences(&self, joined: &[Range<u32>]) -> Vec<f64> {
        let share = |tally: &RequestTally, blocks: &Range<u32>| {
            let (failed, attempts) = failures(tally, blocks);
            (attempts > 0).then(|| failed as f64 / attempts as f64)
        };
        let difference = |blocks| Some(share(self.candidate, blocks)? - share(self.reference, blocks)?);
        joined.iter().map(|blocks| difference(blocks).unwrap_or_default()).collect()
    }

    /// Those of the joined blocks in which a request of the candidate failed.
    pub fn blocks_with_failures(&self, joined: &[Range<u32>]) -> usize {
        joined.iter().filter(|blocks| failures(self.candidate, blocks).0 > 0).count()
    }
}

/// The smallest standard deviation of a quantile's log ratios that is believed, by the histogram's resolution at the smaller of
/// both quantiles, in milliseconds.
pub fn latency_resolution(quantile: f64) -> f64 {
    RESOLUTION.max(STEP / quantile.max(STEP))
}

/// The smallest standard deviation of a block's difference of failure shares that is believed: that of independent requests with
/// both arms' shares, each with half a failure added to keep it from 0 and 1.
pub fn share_resolution(request: &RequestPair<'_>, blocks: usize) -> f64 {
    let variance = |tally: &RequestTally| {
        let share = (tally.failed as f64 + 0.5) / (tally.attempts as f64 + 1.0);
        share * (1.0 - share) * blocks as f64 / tally.attempts.max(1) as f64
    };
    (variance(request.candidate) + variance(request.reference)).sqrt()
}

/// Failed requests and all, in these blocks.
fn failures(tally: &RequestTally, blocks: &Range<u32>) -> (u64, u64) {
    let each =
        tally.blocks.range(blocks.clone()).map(|(_, block)| (u64::from(block.failed), u64::from(block.attempts)));
    each.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
}

/// The fewest samples of an arm that can make 8 blocks with five beyond a quantile (0 to 1).
pub fn fewest_samples(quantile: f64) -> u64 {
    (FEWEST_BLOCKS as f64 * FEWEST_BEYOND / (1.0 - quantile) - 1e-6).ceil() as u64
}

/// What a metric needs of a block.
#[derive(Clone, Copy, Debug)]
pub struct Need<'a> {
    /// Of candidate and reference, in each block of the grid.
    samples: &'a [[u64; 2]],
    /// In each arm of a joined block.
    least: u64,
}

/// Joins neighbouring blocks, from the first on, until each joined block has what every metric needs. What is left at the end
/// belongs to the last one. None where the whole grid has too few.
///
/// Only numbers of samples decide, and both arms' alike: joining favours neither.
pub fn join(needs: &[Need<'_>], blocks: u32) -> Vec<Range<u32>> {
    let mut joined: Vec<Range<u32>> = Vec::new();
    let mut from = 0;
    let mut sums = vec![[0_u64; 2]; needs.len()];
    for block in 0..blocks {
        let mut enough = true;
        for (sum, need) in sums.iter_mut().zip(needs) {
            for (sum, samples) in sum.iter_mut().zip(need.samples[block as usize]) {
                *sum += samples;
                enough &= *sum >= need.least;
            }
        }
        if enough {
            joined.push(from..block + 1);
            from = block + 1;
            sums.fill([0; 2]);
        }
    }
    if let Some(last) = joined.last_mut() {
        last.end = blocks;
    }
    joined
}

/// The joined blocks of a family, and which of its metrics take part.
///
/// All metrics share their blocks, since a flip turns a block of all of them. A rare request must not drag down the others, so a
/// metric takes part only where the blocks that it and all more plentiful ones need are still 8 or more; the others have too few
/// samples. A metric that takes part can cost the others blocks, down to 8.
pub fn join_family(needs: &[Need<'_>], blocks: u32) -> (Vec<Range<u32>>, Vec<bool>) {
    let mut order: Vec<(usize, usize)> = Vec::new();
    for (metric, need) in needs.iter().enumerate() {
        order.push((join(&[*need], blocks).len(), metric));
    }
    // Stable: of equally plentiful metrics, the plan's first.
    order.sort_by_key(|(alone, _)| std::cmp::Reverse(*alone));
    let mut joined = join(&[], blocks);
    let mut taken: Vec<Need<'_>> = Vec::new();
    let mut takes_part = vec![false; needs.len()];
    for (alone, metric) in order {
        if alone < FEWEST_BLOCKS {
            break;
        }
        taken.push(needs[metric]);
        let together = join(&taken, blocks);
        if together.len() >= FEWEST_BLOCKS {
            takes_part[metric] = true;
            joined = together;
        } else {
            taken.pop();
        }
    }
    (joined, takes_part)
}

/// One arm's comparable samples of a joined block, by bucket.
#[derive(Debug)]
struct Counts {
    total: u64,
    /// In the order of the buckets; one may come more than once.
    buckets: Vec<(u32, u32)>,
}

impl Counts {
    fn of(tally: &RequestTally, blocks: Range<u32>) -> Counts {
        let mut buckets: Vec<(u32, u32)> = Vec::new();
        let mut sorted = true;
        for (_, block) in tally.blocks.range(blocks) {
            sorted &= buckets.is_empty();
            buckets.extend(block.counts.iter());
        }
        if !sorted {
            buckets.sort_unstable();
        }
        Counts { total: buckets.iter().map(|(_, count)| u64::from(*count)).sum(), buckets }
    }

    /// The quantile (0 to 1) in milliseconds, at least a step of the histogram: as [`crate::measurement::Trend::quantile`] has
    /// it, the largest value of the bucket of the sample with the rank ⌈pn⌉.
    fn quantile(&self, quantile: f64) -> f64 {
        let rank = ((quantile * self.total as f64).ceil() as u64).max(1);
        let mut seen = 0;
        let bucket = self.buckets.iter().find(|(_, count)| {
            seen += u64::from(*count);
            seen >= rank
        });
        let highest = bucket.map_or(0, |(index, _)| bucket::lowest(index + 1) - 1);
        highest.max(1) as f64 * STEP
    }
}

#[cfg(test)]
mod tests;
