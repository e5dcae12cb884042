//! Effects by block with known truth: normal on the scale of ln, half of their variance shared by all metrics of a run.

use std::time::Duration;

use loadgate::gate::paired::{Family, Latency, PairedMetric, Scale, alpha_of};
use loadgate::gate::{RowOutcome, Verdict};
use loadgate::pairing::Looks;
use loadgate::plan::policy::Regression;
use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

/// The resolution of every metric: the histogram's, far below the noise.
const RESOLUTION: f64 = 0.001;

/// A run's blocks to be.
#[derive(Clone, Copy)]
pub struct Effects {
    pub metrics: usize,
    pub blocks: usize,
    /// Standard deviation of a pair of blocks' log ratio.
    pub deviation: f64,
    /// φ: the correlation of a block's noise with that of the block before.
    pub autocorrelation: f64,
    /// The first metric's true change: 0.1 for 10 %. All others are unchanged.
    pub change: f64,
}

impl Effects {
    /// Unchanged metrics with independent blocks.
    pub fn unchanged(metrics: usize, blocks: usize, deviation: f64) -> Effects {
        Effects { metrics, blocks, deviation, autocorrelation: 0.0, change: 0.0 }
    }

    /// With a true change of the first metric.
    pub fn changed(metrics: usize, blocks: usize, deviation: f64, change: f64) -> Effects {
        Effects { change, ..Effects::unchanged(metrics, blocks, deviation) }
    }

    /// Draws the effects of every metric.
    pub fn draw(&self, seed: u64) -> Vec<PairedMetric> {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let shared = self.noise(&mut random);
        let half = 0.5_f64.sqrt();
        (0..self.metrics)
            .map(|metric| {
                let shift = if metric == 0 { self.change.ln_1p() } else { 0.0 };
                let own = self.noise(&mut random);
                let effects =
                    shared.iter().zip(own).map(|(shared, own)| shift + self.deviation * half * (shared + own));
                PairedMetric {
                    scale: Scale::LogRatio,
                    effects: effects.collect(),
                    resolution: RESOLUTION,
                    between_deployments: 0.0,
                }
            })
            .collect()
    }

    /// Standard normal by block, autoregressive of order 1.
    fn noise(&self, random: &mut Xoshiro256PlusPlus) -> Vec<f64> {
        let mut draw = || -> f64 { StandardNormal.sample(random) };
        let fresh = (1.0 - self.autocorrelation.powi(2)).sqrt();
        let mut noise: Vec<f64> = vec![draw()];
        while noise.len() < self.blocks {
            noise.push(self.autocorrelation * noise[noise.len() - 1] + fresh * draw());
        }
        noise
    }

    /// Tests them in one look.
    pub fn family(&self, seed: u64) -> Family {
        Family::new(&self.draw(seed), alpha_of(Looks::ONE), seed_of_flips(seed))
    }

    /// Judges them in one look.
    pub fn verdict(&self, tolerance: f64, seed: u64) -> Verdict {
        verdict(&self.family(seed), tolerance)
    }

    /// Judges the first half of the blocks, and all of them where those are too noisy.
    pub fn verdict_of_two_looks(&self, tolerance: f64, seed: u64) -> Verdict {
        let alpha = alpha_of(Looks { planned: 2, taken: 1 });
        let all = self.draw(seed);
        let half = |metric: &PairedMetric| PairedMetric {
            effects: metric.effects[..self.blocks / 2].to_vec(),
            ..metric.clone()
        };
        let first = Family::new(&all.iter().map(half).collect::<Vec<_>>(), alpha, seed_of_flips(seed));
        match verdict(&first, tolerance) {
            Verdict::TooNoisy => verdict(&Family::new(&all, alpha, seed_of_flips(seed)), tolerance),
            verdict => verdict,
        }
    }
}

/// Other numbers than those that the blocks are drawn from.
pub fn seed_of_flips(seed: u64) -> u64 {
    !seed
}

/// By the relative tolerance alone: the floor is 0.
fn verdict(family: &Family, tolerance: f64) -> Verdict {
    let rules = Regression { tolerance, floor: Duration::ZERO, ..Regression::default() };
    let outcome = |effect: &loadgate::gate::paired::Effect| -> RowOutcome {
        Latency { effect: *effect, base: 20.0, candidate: 20.0 * effect.mean.exp() }.outcome(&rules)
    };
    Verdict::of_rows(family.effects.iter().map(outcome))
}
