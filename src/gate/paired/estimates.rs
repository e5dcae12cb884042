//! Mean and standard error of every metric's effect over the blocks: as they were seen, and with any choice of signs.

use crate::gate::statistics::mean_and_deviation;

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

/// A mean effect and its standard error, without what differs between deployments.
#[derive(Clone, Copy, Debug)]
pub struct Estimate {
    pub mean: f64,
    pub error: f64,
}

/// The effects of metrics with the same blocks, two or more, as they were seen: SE = sd/√B · √((1 + r)/(1 − r)), where r is the lag-1
/// autocorrelation of the blocks, pooled over the metrics of a scale.
pub fn estimates(metrics: &[PairedMetric]) -> Vec<Estimate> {
    let moments: Vec<Moments> = metrics.iter().map(Moments::of).collect();
    let inflation = |scale| {
        let known = metrics.iter().zip(&moments).filter(|(metric, moments)| metric.scale == scale && moments.changed);
        let (sum, number) = known.fold((0.0, 0.0), |(sum, number), (_, one)| (sum + one.autocorrelation, number + 1.0));
        inflation(sum / f64::max(number, 1.0), metrics[0].effects.len() as f64)
    };
    let (ratios, shares) = (inflation(Scale::LogRatio), inflation(Scale::Share));
    let inflated = |(metric, moments): (&PairedMetric, &Moments)| {
        let inflation = if metric.scale == Scale::LogRatio { ratios } else { shares };
        Estimate { mean: moments.mean, error: (moments.variance / metric.effects.len() as f64 * inflation).sqrt() }
    };
    metrics.iter().zip(&moments).map(inflated).collect()
}

/// Of one metric's effects.
#[derive(Debug)]
struct Moments {
    mean: f64,
    /// At least what the resolution lets be seen.
    variance: f64,
    autocorrelation: f64,
    /// Whether any block shows an effect.
    changed: bool,
}

impl Moments {
    fn of(metric: &PairedMetric) -> Moments {
        let effects = &metric.effects;
        let (mean, deviation) = mean_and_deviation(effects);
        let variance = deviation.max(metric.resolution).powi(2);
        let covariance: f64 = effects.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean)).sum();
        Moments {
            mean,
            variance,
            autocorrelation: covariance / (variance * (effects.len() as f64 - 1.0)),
            changed: effects.iter().any(|effect| *effect != 0.0),
        }
    }
}

/// (1 + r)/(1 − r): by how much the variance of a mean is larger than that of independent blocks. At most B: all blocks together are
/// worth one at least.
///
/// r is at least 0 and has 1/B added, by which the autocorrelation of independent blocks comes out too low (Marriott, F. H. C. and
/// Pope, J. A. (1954): Bias in the estimation of autocorrelations. Biometrika 41).
fn inflation(autocorrelation: f64, blocks: f64) -> f64 {
    let r = (autocorrelation + 1.0 / blocks).clamp(0.0, (blocks - 1.0) / (blocks + 1.0));
    (1.0 + r) / (1.0 - r)
}

/// The metrics of a family, ready to be summed with any signs.
#[derive(Debug)]
pub struct Matrix {
    blocks: usize,
    metrics: Vec<Fixed>,
    sums: SignedSums,
}

/// What signs don't change.
#[derive(Debug)]
struct Fixed {
    squares: f64,
    least_variance: f64,
}

impl Matrix {
    /// Of metrics with the same number of blocks, at least two.
    pub fn new(metrics: &[PairedMetric]) -> Matrix {
        let blocks = metrics.first().map_or(0, |metric| metric.effects.len());
        debug_assert!(metrics.iter().all(|metric| metric.effects.len() == blocks), "blocks of one family are the same");
        let fixed = |metric: &PairedMetric| Fixed {
            squares: metric.effects.iter().map(|effect| effect * effect).sum(),
            least_variance: metric.resolution * metric.resolution,
        };
        Matrix { blocks, metrics: metrics.iter().map(fixed).collect(), sums: SignedSums::new(metrics) }
    }

    pub fn blocks(&self) -> usize {
        self.blocks
    }

    /// T of each metric with these signs: the mean over sd/√B, as of blocks that are independent, since flipped ones are.
    pub fn t(&self, signs: &Signs, into: &mut Vec<f64>) {
        self.sums.with(signs, into);
        let blocks = self.blocks as f64;
        for (metric, t) in self.metrics.iter().zip(into) {
            let mean = *t / blocks;
            let squares = metric.squares - *t * mean;
            let variance = (squares / (blocks - 1.0)).max(metric.least_variance);
            *t = mean / (variance / blocks).sqrt();
        }
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
    fn new(metrics: &[PairedMetric]) -> SignedSums {
        let columns = metrics.first().map_or(0, |metric| metric.effects.len());
        let mut sums = Vec::with_capacity(columns.div_ceil(4) * 16 * metrics.len());
        for from in (0..columns).step_by(4) {
            for choice in 0..16 {
                let signed = |(at, effect): (usize, &f64)| if choice >> at & 1 == 1 { -effect } else { *effect };
                let four = |effects: &[f64]| effects.iter().enumerate().map(signed).sum::<f64>();
                sums.extend(metrics.iter().map(|metric| four(&metric.effects[from..columns.min(from + 4)])));
            }
        }
        SignedSums { metrics: metrics.len(), sums }
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
