//! One comparison by hand: eight pairs of blocks, three figures. The expected values come from a program of 50 lines in Python that
//! flips signs by the definition, all 256 ways, with NumPy for the sums and SciPy 1.17 for quantiles of t and beta. It shares
//! no code with the gate.

use std::time::Duration;

use crate::gate::RowOutcome;
use crate::gate::statistics::Share;
use crate::plan::policy::Regression;

use super::*;

/// d of p50 and p95, of blocks that are much like their neighbours.
const P50: [f64; 8] = [0.050, 0.046, 0.060, 0.068, 0.055, 0.071, 0.066, 0.053];
const P95: [f64; 8] = [0.020, 0.110, 0.130, -0.030, -0.020, 0.080, 0.060, 0.100];
/// Failures among 500 requests a block and arm.
const FAILED: [(f64, f64); 8] =
    [(2.0, 0.0), (0.0, 1.0), (3.0, 0.0), (1.0, 0.0), (0.0, 1.0), (2.0, 0.0), (4.0, 1.0), (0.0, 0.0)];

/// To ten digits.
fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-10 * expected.abs(), "{found}, not {expected}");
}

#[test]
fn every_figure_is_the_independent_one() {
    let latency = |effects: [f64; 8]| PairedMetric {
        scale: Scale::LogRatio,
        effects: effects.to_vec(),
        resolution: 0.001,
        between_deployments: 0.01,
    };
    let failed = PairedMetric {
        scale: Scale::Share,
        effects: FAILED.iter().map(|(candidate, reference)| (candidate - reference) / 500.0).collect(),
        // √(12.5/4001 · (1 − 12.5/4001)/500 + 3.5/4001 · (1 − 3.5/4001)/500), for 12 and 3 of 4,000; the blocks differ by more.
        resolution: 0.0028243492218876062,
        between_deployments: 0.0,
    };
    let rules = Regression { tolerance: 0.05, floor: Duration::ZERO, ..Regression::default() };
    let effects = Family::new(&[latency(P50), latency(P95), failed], 0.05, 1).effects;

    // r = 0.203693 is that of both latencies: SE 0.00394265 and 0.0261778, with τ = 0.01 the errors below.
    let p50 = Latency { effect: effects[0], base: 20.0, candidate: 21.2 };
    near(p50.effect.error, 0.01074916124375);
    near(p50.effect.t(), 5.453913907384078);
    // No other choice of signs comes as far as the one that was seen.
    near(p50.effect.p_adjusted, 1.0 / 256.0);
    near(p50.effect.critical, 2.753970554623415);
    near(p50.change(), 0.06037752460131822);
    near(p50.interval().0, 0.033764788192059476);
    near(p50.interval().1, 0.08767536631429629);
    near(p50.detectable(&rules), 0.060162004940385504);
    assert_eq!(p50.outcome(&rules), RowOutcome::Fail);

    // In 19 of 256 choices p95 or the failures come as far: +5.8 % is beyond the tolerance, but not beyond chance.
    let p95 = Latency { effect: effects[1], base: 30.0, candidate: 31.7 };
    near(p95.effect.error, 0.02802283379289);
    near(p95.effect.t(), 2.007291639943709);
    near(p95.effect.p_adjusted, 19.0 / 256.0);
    near(p95.change(), 0.057862116210227355);
    near(p95.interval().0, -0.009963504493533339);
    near(p95.interval().1, 0.1303343482709735);
    near(p95.detectable(&rules), 0.10769729209561096);
    near(p95.effect.upper_bound().exp_m1(), 0.11554320021104501);
    assert_eq!(p95.outcome(&rules), RowOutcome::TooNoisy);

    // Beyond the limit of 0.1 points, too. 18 choices come as far, but a smaller T than that of p95 is no surer than it.
    let share = |events| Share { events, trials: 4000 };
    let failed = Failures { effect: effects[2], base: share(3), candidate: share(12), blocks: 5 };
    near(failed.effect.mean, 0.00225);
    near(failed.effect.t(), 1.937773693550725);
    near(failed.effect.p_adjusted, 19.0 / 256.0);
    near(failed.interval().0, -0.0004956274093260065);
    near(failed.interval().1, 0.004995627409326007);
    near(failed.detectable(&rules), 0.004238111227818502);
    assert_eq!(failed.outcome(&rules), RowOutcome::TooNoisy);
}
