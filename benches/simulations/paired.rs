//! The statistics of paired runs, on effects by block.

use std::hint::black_box;
use std::time::{Duration, Instant};

use loadgate::gate::Verdict;
use loadgate::gate::paired::Family;

use super::effects::Effects;
use super::row::{Bound, Row};

/// The rows of paired runs.
pub fn rows() -> Vec<Row> {
    // Nearer to their bound than 2,000 runs can tell.
    let many = |what, must_be, happens| Row { runs: 10_000, ..Row::new(what, must_be, happens) };
    vec![
        Row::new("A/A, 20 metrics, B 20, sd 5%, δ 5%: fail", Bound::AtMost(0.01), |seed| {
            Effects::unchanged(20, 20, 0.05).verdict(0.05, seed) == Verdict::Fail
        }),
        many("A/A, 20 metrics, B 20, sd 5%: any p ≤ .05", Bound::Between(0.035, 0.065), |seed| {
            any_proven(Effects::unchanged(20, 20, 0.05), seed)
        }),
        Row::new("A/A, 6 metrics, B 20, sd 5%: any p ≤ .05", Bound::Between(0.035, 0.065), |seed| {
            any_proven(Effects::unchanged(6, 20, 0.05), seed)
        }),
        Row::new("A/A, 6 metrics, B 8, sd 5%: any p ≤ .05", Bound::Between(0.035, 0.065), |seed| {
            any_proven(Effects::unchanged(6, 8, 0.05), seed)
        }),
        Row::new("A/A, 6 metrics, B 20, sd 5%, δ 5%: pass", Bound::AtLeast(0.95), |seed| {
            Effects::unchanged(6, 20, 0.05).verdict(0.05, seed) == Verdict::Pass
        }),
        many("A/A, 20 metrics, B 20, AR(1) φ .3: any p ≤ .05", Bound::AtMost(0.09), |seed| {
            any_proven(autoregressive(20), seed)
        }),
        many("A/A, 6 metrics, B 20, AR(1) φ .3: any p ≤ .05", Bound::AtMost(0.09), |seed| {
            any_proven(autoregressive(6), seed)
        }),
        Row::new("A/A, 6 metrics, B 20, AR(1) φ .3, sd 5%, δ 5%: fail", Bound::AtMost(0.02), |seed| {
            autoregressive(6).verdict(0.05, seed) == Verdict::Fail
        }),
        Row::new("+10% of 1 of 6 metrics, B 20, sd 5%, δ 5%: fail", Bound::AtLeast(0.99), |seed| {
            Effects::changed(6, 20, 0.05, 0.10).verdict(0.05, seed) == Verdict::Fail
        }),
        Row::new("+5% of 1 of 6 metrics, B 30, sd 5%, δ 2%: fail", Bound::AtLeast(0.97), |seed| {
            Effects::changed(6, 30, 0.05, 0.05).verdict(0.02, seed) == Verdict::Fail
        }),
        Row::new("+20% of 1 of 9 metrics, B 10, sd 12.6%, δ 10%: fail", Bound::AtLeast(0.84), |seed| {
            Effects::changed(9, 10, 0.126, 0.20).verdict(0.10, seed) == Verdict::Fail
        }),
        Row::new("+20% of 1 of 9 metrics, B 20, sd 12.6%, δ 10%: fail", Bound::AtLeast(0.99), |seed| {
            Effects::changed(9, 20, 0.126, 0.20).verdict(0.10, seed) == Verdict::Fail
        }),
        Row::new("a true change of δ (5%), B 20, sd 5%, one look: pass", Bound::AtMost(0.06), |seed| {
            Effects::changed(1, 20, 0.05, 0.05).verdict(0.05, seed) == Verdict::Pass
        }),
        Row::new("a true change of δ (5%), B 20 + 20, sd 5%, two looks: pass", Bound::AtMost(0.06), |seed| {
            Effects::changed(1, 40, 0.05, 0.05).verdict_of_two_looks(0.05, seed) == Verdict::Pass
        }),
        Row::new("A/A, 6 metrics, B 20 + 20, sd 5%, δ 5%, two looks: pass", Bound::AtLeast(0.95), |seed| {
            Effects::unchanged(6, 40, 0.05).verdict_of_two_looks(0.05, seed) == Verdict::Pass
        }),
        Row::new("coverage of the 95% interval, 1 metric, B 20", Bound::Between(0.94, 0.965), |seed| {
            covered(1, 20, seed)
        }),
        Row::new("coverage of the 95% interval, 6 metrics, B 20", Bound::Between(0.94, 0.965), |seed| {
            covered(6, 20, seed)
        }),
        Row::new("coverage of the 95% interval, 6 metrics, B 8", Bound::Between(0.94, 0.965), |seed| {
            covered(6, 8, seed)
        }),
    ]
}

/// Blocks that are much like the ones before.
fn autoregressive(metrics: usize) -> Effects {
    Effects { autocorrelation: 0.3, ..Effects::unchanged(metrics, 20, 0.05) }
}

fn any_proven(effects: Effects, seed: u64) -> bool {
    effects.family(seed).effects.iter().any(|effect| effect.proven())
}

/// How long the largest usual family takes, the best of five.
pub fn one_large_gate() -> Duration {
    let metrics = Effects::unchanged(180, 40, 0.05).draw(1);
    let time = |seed| {
        let start = Instant::now();
        black_box(Family::new(black_box(&metrics), 0.05, seed));
        start.elapsed()
    };
    (0..5).map(time).min().unwrap_or_default()
}

/// Whether the first metric's interval holds its true change.
fn covered(metrics: usize, blocks: usize, seed: u64) -> bool {
    let (low, high) = Effects::changed(metrics, blocks, 0.05, 0.10).family(seed).effects[0].interval();
    (low..=high).contains(&0.10_f64.ln_1p())
}
