//! A quick form of `benches/simulations`, which has the full table: fewer runs, wide bounds.

use std::time::Duration;

use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::gate::Verdict;
use crate::plan::policy::Regression;

use super::*;

const RUNS: u64 = 200;

/// Six metrics in ten blocks with a deviation of 5 %, half of whose variance they share, the first changed by `change`; judged
/// with a tolerance of 5 %. How often they failed, passed, had a proven effect, and had the truth in the first one's interval.
fn simulate(change: f64) -> [f64; 4] {
    let rules = Regression { tolerance: 0.05, floor: Duration::ZERO, ..Regression::default() };
    let mut counts = [0.0; 4];
    for seed in 0..RUNS {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut draw = || -> Vec<f64> { (0..10).map(|_| StandardNormal.sample(&mut random)).collect() };
        let shared = draw();
        let metric = |metric| {
            let shift: f64 = if metric == 0 { change } else { 0.0 };
            let noise = shared.iter().zip(draw()).map(|(shared, own)| 0.05 * 0.5_f64.sqrt() * (shared + own));
            let effects = noise.map(|noise| shift.ln_1p() + noise).collect();
            PairedMetric { scale: Scale::LogRatio, effects, resolution: 0.001, between_deployments: 0.0 }
        };
        let family = Family::new(&(0..6).map(metric).collect::<Vec<_>>(), 0.05, seed);
        let outcome = |effect: &Effect| {
            Latency { effect: *effect, base: 20.0, candidate: 20.0 * effect.mean.exp() }.outcome(&rules)
        };
        let verdict = Verdict::of_rows(family.effects.iter().map(outcome));
        let (low, high) = family.effects[0].interval();
        let events = [
            verdict == Verdict::Fail,
            verdict == Verdict::Pass,
            family.effects.iter().any(Effect::proven),
            (low..=high).contains(&change.ln_1p()),
        ];
        counts.iter_mut().zip(events).for_each(|(count, event)| *count += f64::from(u8::from(event)) / RUNS as f64);
    }
    counts
}

#[test]
fn false_alarms_are_rare_and_intervals_hold_the_truth() {
    let [failed, _, proven, covered] = simulate(0.0);
    assert!(failed <= 0.03 && (0.01..=0.10).contains(&proven) && covered >= 0.90, "{failed} {proven} {covered}");
}

#[test]
fn a_true_slow_down_is_found_and_one_of_the_tolerance_seldom_passes() {
    let [failed, passed, ..] = simulate(0.15);
    assert!(failed >= 0.95 && passed == 0.0, "{failed} {passed}");
    let [_, passed, ..] = simulate(0.05);
    assert!(passed <= 0.10, "{passed}");
}
