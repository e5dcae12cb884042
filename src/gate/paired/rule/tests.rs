use std::time::Duration;

use super::*;
use crate::gate::paired::{Family, PairedMetric, Scale};

fn effect(scale: Scale, resolution: f64, effects: &[f64]) -> Effect {
    let metric = PairedMetric { scale, effects: effects.to_vec(), resolution, between_deployments: 0.0 };
    Family::new(&[metric], 0.05, 1).effects[0]
}

/// Ten blocks about a mean, every other `spread` above it and below.
fn about(mean: f64, spread: f64) -> Vec<f64> {
    (0..10).map(|block| mean + if block % 2 == 0 { spread } else { -spread }).collect()
}

#[test]
fn latencies_fail_pass_or_neither() {
    use RowOutcome::*;
    let rules = Regression { tolerance: 0.10, floor: Duration::from_millis(1), ..Regression::default() };
    // Effect and spread as a share of 1, the reference's quantile in ms.
    let table = [
        ("no change", 0.0, 0.02, 20.0, Pass),
        ("faster", -0.5, 0.02, 20.0, Pass),
        ("within the tolerance", 0.05, 0.02, 20.0, Pass),
        ("proven, but under the tolerance, and not ruled out above", 0.09, 0.02, 20.0, TooNoisy),
        ("proven", 0.15, 0.02, 20.0, Fail),
        ("large, but not proven", 0.15, 0.4, 20.0, TooNoisy),
        ("nothing can be said", 0.0, 0.4, 20.0, TooNoisy),
        ("proven, but under the floor", 0.30, 0.02, 2.0, Pass),
        ("over the floor", 0.60, 0.02, 2.0, Fail),
        ("without any variance: at the limit", 0.0954, 0.0, 20.0, Fail),
        ("without any variance: under it", 0.0943, 0.0, 20.0, Pass),
        ("without any variance: what rounding may hide", 0.0950, 0.0, 20.0, TooNoisy),
        ("all blocks equal", 0.0, 0.0, 20.0, Pass),
    ];
    for (what, mean, spread, base, outcome) in table {
        let effect = effect(Scale::LogRatio, 0.001, &about(mean, spread));
        let latency = Latency { effect, base, candidate: base * mean.exp() };
        assert_eq!(latency.outcome(&rules), outcome, "{what}: {latency:?}");
    }
}

#[test]
fn the_detectable_change_is_over_the_tolerance_and_over_the_floor() {
    let rules = Regression { tolerance: 0.10, floor: Duration::from_millis(1), ..Regression::default() };
    let effect = effect(Scale::LogRatio, 0.001, &about(0.0, 0.02));
    let at = |base: f64| Latency { effect, base, candidate: base }.detectable(&rules);
    assert!(at(20.0) > 0.10 && at(20.0) < 0.12, "{}", at(20.0));
    assert!(at(2.0) > 0.50 && at(2.0) < 0.52, "1 ms of 2: {}", at(2.0));
    assert!(at(20.0).ln_1p() > effect.critical * effect.error, "what is detectable is beyond chance");
}

/// Failures of each arm in ten blocks of so many requests.
fn failures(candidate: [u64; 10], base: [u64; 10], requests: u64) -> Failures {
    let share = |failed: [u64; 10]| Share { events: failed.iter().sum(), trials: 10 * requests };
    let differences: Vec<f64> =
        candidate.iter().zip(base).map(|(ours, theirs)| (*ours as f64 - theirs as f64) / requests as f64).collect();
    let chance = |share: Share| (share.value() + 0.5 / share.trials as f64) / requests as f64;
    let resolution = (chance(share(candidate)) + chance(share(base))).sqrt();
    Failures {
        effect: effect(Scale::Share, resolution, &differences),
        base: share(base),
        candidate: share(candidate),
        blocks: candidate.iter().filter(|failed| **failed > 0).count(),
    }
}

#[test]
fn failures_fail_pass_or_neither() {
    use RowOutcome::*;
    let rules = Regression::default(); // 0.1 points
    let none = [0; 10];
    let table = [
        ("none at all", none, none, 1_000, Pass),
        ("none of too few for a pass", none, none, 100, TooFewSamples),
        ("two of enough", [1, 0, 0, 0, 1, 0, 0, 0, 0, 0], none, 1_000, Pass),
        ("four of too few", [1, 0, 1, 0, 1, 0, 0, 1, 0, 0], none, 100, TooFewSamples),
        ("four of enough, at the limit", [1, 0, 1, 0, 1, 0, 0, 1, 0, 0], none, 400, TooNoisy),
        ("a steady rise", [9, 11, 10, 8, 12, 10, 10, 9, 11, 10], none, 1_000, Fail),
        ("a steady rise under the limit", [1; 10], none, 2_000, Pass),
        ("the same in both", [9, 11, 10, 8, 12, 10, 10, 9, 11, 10], [10; 10], 100_000, Pass),
        ("one burst", [0, 0, 0, 80, 0, 0, 0, 0, 0, 0], none, 1_000, TooNoisy),
        ("a burst in each arm", [0, 0, 0, 80, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 90, 0, 0], 1_000, TooNoisy),
        ("everything, always", [100; 10], none, 100, Fail),
        ("fewer", none, [10; 10], 1_000, Pass),
    ];
    for (what, candidate, base, requests, outcome) in table {
        let failures = failures(candidate, base, requests);
        assert_eq!(failures.outcome(&rules), outcome, "{what}: {failures:?}");
        let (low, high) = failures.interval();
        assert!(low <= failures.effect.mean && failures.effect.mean <= high, "{what}: {low} {high}");
    }
}

#[test]
fn five_failures_are_the_fewest_that_are_detectable() {
    let few = failures([0; 10], [0; 10], 100);
    // Of 1,000 requests, 80 % of runs have five failures at a share of 0.67 %.
    let detectable = few.detectable(&Regression::default());
    assert!((detectable - 0.0067).abs() < 1e-4, "{detectable}");
}
