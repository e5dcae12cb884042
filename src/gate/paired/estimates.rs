//! Mean and standard error of every metric's effect over the blocks, for any choice of signs.

use super::flips::Signs;

/// What the scale of an effect is. Blocks of one scale share their autocorrelation: errors come in bursts of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// ln of the ratio candidate / reference: what slows a service down multiplies.
    LogRatio,
    /// The difference of shares, candidate − reference.
    Share,
}

/// One metric's effect in each pair of blocks.
#[derive(Clone, Debug)]
pub struct PairedMetric {
    pub scale: Scale,
    /// d_j, in the order of the blocks.
    pub effects: Vec<f64>,
    /// The smallest standard deviation of the effects that is believed, above 0: less is rounding, or luck, no knowledge.
    pub resolution: f64,
    /// τ: the standard deviation of the lasting difference between two deployments of one commit, 0 where it is not known.
    pub between_deployments: f64,
}

/// The metrics of a family, ready to be summed with any signs.
#[derive(Debug)]
pub struct Matrix {
    blocks: usize,
    metrics: Vec<Fixed>,
    sums: SignedSums,
    /// Of the products of neighbouring effects.
    products: SignedSums,
}

/// What signs don't change.
#[derive(Debug)]
struct Fixed {
    scale: Scale,
    squares: f64,
    least_variance: f64,
    first: f64,
    last: f64,
}

/// Mean effect and its standard error by metric, without what differs between deployments. It is written over and over.
#[derive(Clone, Debug, Default)]
pub struct Estimates {
    pub mean: Vec<f64>,
    pub error: Vec<f64>,
    products: Vec<f64>,
    neighbours: Option<Signs>,
}

impl Matrix {
    /// Of metrics with the same number of blocks, at least two.
    pub fn new(metrics: &[PairedMetric]) -> Matrix {
        let blocks = metrics.first().map_or(0, |metric| metric.effects.len());
        debug_assert!(metrics.iter().all(|metric| metric.effects.len() == blocks), "blocks of one family are the same");
        let fixed = |metric: &PairedMetric| Fixed {
            scale: metric.scale,
            squares: metric.effects.iter().map(|effect| effect * effect).sum(),
            least_variance: metric.resolution * metric.resolution,
            first: metric.effects.first().copied().unwrap_or_default(),
            last: metric.effects.last().copied().unwrap_or_default(),
        };
        let products = |metric: &PairedMetric| metric.effects.windows(2).map(|pair| pair[0] * pair[1]).collect();
        Matrix {
            blocks,
            metrics: metrics.iter().map(fixed).collect(),
            sums: SignedSums::new(&metrics.iter().map(|metric| metric.effects.clone()).collect::<Vec<_>>()),
            products: SignedSums::new(&metrics.iter().map(products).collect::<Vec<_>>()),
        }
    }

    pub fn blocks(&self) -> usize {
        self.blocks
    }

    /// Mean effects and their standard errors, sd/√B · √((1 + r)/(1 − r)), with these signs, which are those of a flip or those
    /// that were seen. r is the lag-1 autocorrelation pooled over the metrics of a scale: see [`Autocorrelation`].
    ///
    /// Each flip of latencies has an r of its own, so that p values are exact where blocks are independent. Flips of shares have
    /// none: they tear apart the bursts that failures come in, and know nothing of their length.
    pub fn estimate(&self, signs: &Signs, flipped: bool, into: &mut Estimates) {
        let Estimates { mean, error, products, neighbours } = into;
        let neighbours = neighbours.get_or_insert_with(|| Signs::observed(self.blocks));
        signs.neighbours(neighbours);
        self.sums.with(signs, mean);
        self.products.with(neighbours, products);
        error.clear();
        let blocks = self.blocks as f64;
        let turn = |block: usize| if signs.turned(block) { -1.0 } else { 1.0 };
        let (first, last) = (turn(0), turn(self.blocks - 1));
        let mut pools = [Autocorrelation::default(); 2];
        for ((metric, mean), product) in self.metrics.iter().zip(mean.iter_mut()).zip(products.iter()) {
            let sum = *mean;
            *mean /= blocks;
            let squares = (metric.squares - sum * *mean).max(0.0);
            let variance = (squares / (blocks - 1.0)).max(metric.least_variance);
            error.push(variance);
            if metric.squares > 0.0 {
                let ends = first * metric.first + last * metric.last;
                let covariance = product - *mean * (2.0 * sum - ends) + (blocks - 1.0) * *mean * *mean;
                pools[metric.scale as usize].add(covariance / (variance * (blocks - 1.0)));
            }
        }
        let mut inflations = pools.map(|pool| pool.inflation(blocks));
        if flipped {
            inflations[Scale::Share as usize] = 1.0;
        }
        for (error, metric) in error.iter_mut().zip(&self.metrics) {
            *error = (*error / blocks * inflations[metric.scale as usize]).sqrt();
        }
    }
}

/// The lag-1 autocorrelations of some metrics.
///
/// Estimated about a mean that is estimated too, φ comes out as φ − (1 + 4φ)/B on average (Marriott, F. H. C. and Pope, J. A.
/// (1954): Bias in the estimation of autocorrelations. Biometrika 41), so r = (mean estimate + 1/B) / (1 − 4/B). Without
/// the denominator, which leaves independent blocks as they are, 20 blocks with φ = 0.3 would be taken for 0.24.
#[derive(Clone, Copy, Debug, Default)]
struct Autocorrelation {
    sum: f64,
    metrics: f64,
}

impl Autocorrelation {
    fn add(&mut self, autocorrelation: f64) {
        self.sum += autocorrelation;
        self.metrics += 1.0;
    }

    /// (1 + r)/(1 − r): by how much the variance of a mean is larger than that of independent blocks. At most B: all blocks
    /// together are worth one at least.
    fn inflation(self, blocks: f64) -> f64 {
        // Fewer than 8 blocks are only shown: as if they were 8.
        let r = (self.sum / self.metrics.max(1.0) + 1.0 / blocks) / (1.0 - 4.0 / blocks).max(0.5);
        let r = r.clamp(0.0, (blocks - 1.0) / (blocks + 1.0));
        (1.0 + r) / (1.0 - r)
    }
}

/// Sums over blocks with any signs, for all metrics at once. Sums of four blocks are kept for all 16 choices of signs: a
/// flip of 40 blocks takes ten additions a metric (the method of the four Russians).
#[derive(Debug)]
struct SignedSums {
    metrics: usize,
    /// By four blocks, by choice of signs, by metric.
    sums: Vec<f64>,
}

impl SignedSums {
    /// Of the figures of each metric, by block.
    fn new(rows: &[Vec<f64>]) -> SignedSums {
        let columns = rows.first().map_or(0, Vec::len);
        let mut sums = Vec::with_capacity(columns.div_ceil(4) * 16 * rows.len());
        for from in (0..columns).step_by(4) {
            for choice in 0..16 {
                let signed = |(at, figure): (usize, &f64)| if choice >> at & 1 == 1 { -figure } else { *figure };
                let four =
                    |row: &Vec<f64>| row[from..columns.min(from + 4)].iter().enumerate().map(signed).sum::<f64>();
                sums.extend(rows.iter().map(four));
            }
        }
        SignedSums { metrics: rows.len(), sums }
    }

    fn with(&self, signs: &Signs, into: &mut Vec<f64>) {
        into.clear();
        into.resize(self.metrics, 0.0);
        for (four, sums) in self.sums.chunks_exact((16 * self.metrics).max(1)).enumerate() {
            let from = signs.four(four) * self.metrics;
            into.iter_mut().zip(&sums[from..from + self.metrics]).for_each(|(sum, four)| *sum += four);
        }
    }
}
