//! One comparison by hand: ten runs, three figures. The expected values come from SciPy 1.17 (`stats.t`, `stats.beta`,
//! `stats.hypergeom`), which shares no code with the crate that the gate uses.

use super::super::failures::Inflations;
use super::super::statistics::Share;
use super::simulations::latency;
use super::*;

const P50: [f64; 10] = [20.1, 19.7, 20.4, 20.0, 19.5, 20.8, 20.2, 19.9, 20.3, 19.6];
const P95: [f64; 10] = [31.0, 33.5, 29.8, 32.1, 30.6, 34.0, 31.7, 30.2, 32.8, 31.4];
/// Failures and requests of each run: 27 of 30,000, as even as chance makes them (χ²/9 = 0.348).
const FAILED: [(u64, u64); 10] =
    [(3, 3000), (2, 3100), (4, 2900), (1, 3000), (3, 3050), (2, 2950), (3, 3000), (4, 3000), (2, 3000), (3, 3000)];

fn draft(metric: GatedMetric, effect: Effect) -> Draft {
    Draft { request: "reserve".into(), metric, samples: 3000, history: vec![], effect, tested: true }
}

/// To six digits.
fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-6 * expected.abs(), "{found}, not {expected}");
}

#[test]
fn every_figure_is_the_independent_one() {
    let shares = FAILED.map(|(events, trials)| Share { events, trials });
    let failures = Failures::new(&shares, Share { events: 12, trials: 3000 }, Inflations::NONE);
    let rows = rows(
        vec![
            draft(GatedMetric::P50, Effect::Latency(latency(&P50, 22.6))),
            draft(GatedMetric::P95, Effect::Latency(latency(&P95, 34.5))),
            draft(GatedMetric::Failed, Effect::Failures(failures)),
        ],
        &Regression::default(),
    );
    // y = ln 22.6 = 3.117950, ȳ = 2.998053, s = 0.0197900: θ̂ = 0.119897, V = s²(1 + 1/10) = 0.000430811.
    let p50 = &rows[0];
    near(p50.base, 20.046460140934855);
    near(p50.change, 0.119_897_319_687_047_42_f64.exp_m1());
    near(p50.t.unwrap(), 5.776520280098125);
    near(p50.interval.0, 0.07567033919101783);
    near(p50.interval.1, 0.18157772534700592);
    // Holm: three times the p of 9 degrees of freedom, 0.000133616; above the p value of the failures, which is smaller.
    near(p50.p_adjusted.unwrap(), 0.0003532356509785772);
    near(p50.detectable.unwrap(), 0.12035554926820015);
    assert_eq!(p50.outcome, RowOutcome::Fail);

    // θ̂ = 0.0851941, V = 0.00211206: proven at p = 0.048384, but under ln 1.1 = 0.0953102, and the bound at +18.5 % is over it.
    let p95 = &rows[1];
    near(p95.base, 31.682524821238317);
    near(p95.t.unwrap(), 1.8537697372193642);
    near(p95.p_adjusted.unwrap(), 0.048384324091176455);
    near(p95.interval.0, -0.018593313110519268);
    near(p95.interval.1, 0.20822998579084942);
    near(p95.detectable.unwrap(), 0.168747140470647);
    assert_eq!(p95.outcome, RowOutcome::TooNoisy);

    // Fisher: p = 0.000117745. Clopper and Pearson for 12 of 3,000: 0.00206851 to 0.00697676, less the pooled 0.0009.
    let failed = &rows[2];
    near(failed.base, 0.0009);
    near(failed.change, 0.0031);
    near(failed.interval.0, 0.0020685142713180557 - 0.0009);
    near(failed.interval.1, 0.006976759682170838 - 0.0009);
    near(failed.p_adjusted.unwrap(), 0.0003532356509785772);
    assert_eq!(failed.outcome, RowOutcome::Fail);
}
