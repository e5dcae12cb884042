//! What the comparison gets right and wrong, by seeded simulation. `cargo bench --bench simulations` does the same with whole
//! measurements, and far more often.

use jiff::Timestamp;
use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::baseline::{Entry, Runs};
use crate::gate::{Grounds, Verdict, judge, judge_again};
use crate::measurement::Trend;
use crate::measurement::simulated::{Simulated, SimulatedRequest};

use super::super::latency::Quantile;
use super::*;

/// Of quantiles that each run knows exactly.
pub(super) fn latency(window: &[f64], candidate: f64) -> Latency {
    let exact = |value: f64| Quantile { value, error: Some(0.0) };
    Latency::new(&window.iter().copied().map(exact).collect::<Vec<_>>(), exact(candidate))
}

/// Judges runs whose ln Q are normal with this deviation and a correlation of 0.5 between metrics, the candidate shifted.
/// Returns the shares of runs that failed and that passed.
fn simulate(trials: u64, runs: usize, metrics: usize, deviation: f64, shift: f64, slowed: usize) -> (f64, f64) {
    let rules = Regression { floor: std::time::Duration::ZERO, ..Regression::default() };
    let mut random = Xoshiro256PlusPlus::seed_from_u64(20);
    let mut normal = move || -> f64 { StandardNormal.sample(&mut random) };
    let (mut failed, mut passed) = (0, 0);
    for _ in 0..trials {
        let figures: Vec<Vec<f64>> = (0..=runs)
            .map(|_| {
                let shared = normal();
                let figure = |own: f64| 20.0 * (deviation * (0.5_f64.sqrt() * shared + 0.5_f64.sqrt() * own)).exp();
                (0..metrics).map(|_| figure(normal())).collect()
            })
            .collect();
        let drafts = (0..metrics)
            .map(|metric| {
                let history: Vec<f64> = figures[..runs].iter().map(|run| run[metric]).collect();
                let slower = if metric < slowed { 1.0 + shift } else { 1.0 };
                let effect = Effect::Latency(latency(&history, figures[runs][metric] * slower));
                Draft { request: "r".into(), metric: GatedMetric::P95, samples: 1000, history, effect, tested: true }
            })
            .collect();
        let rows = rows(drafts, &rules);
        failed += u32::from(rows.iter().any(|row| row.outcome == RowOutcome::Fail));
        passed += u32::from(rows.iter().all(|row| row.outcome == RowOutcome::Pass));
    }
    (f64::from(failed) / trials as f64, f64::from(passed) / trials as f64)
}

#[test]
fn false_alarms_stay_rare_whatever_the_number_of_metrics() {
    for (metrics, runs) in [(1, 10), (20, 10), (20, 20)] {
        let (failed, _) = simulate(2000, runs, metrics, 0.07, 0.0, 0);
        assert!(failed <= 0.06, "{metrics} metrics, {runs} runs: {failed}");
    }
}

#[test]
fn a_true_slow_down_is_found() {
    let (failed, passed) = simulate(2000, 20, 6, 0.05, 0.30, 1);
    assert!(failed >= 0.95 && passed == 0.0, "{failed} {passed}");
    let (failed, _) = simulate(2000, 10, 20, 0.07, 0.30, 20);
    assert!(failed >= 0.75, "{failed}");
}

#[test]
fn a_change_of_exactly_the_tolerance_seldom_passes() {
    let (_, passed) = simulate(2000, 20, 1, 0.02, 0.10, 1);
    assert!(passed <= 0.06, "{passed}");
}

/// The interval of a change that is there holds it as often as it says.
#[test]
fn the_interval_holds_the_true_change_in_95_of_100_runs() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(21);
    let mut figure = || 20.0 * (0.07 * Distribution::<f64>::sample(&StandardNormal, &mut random)).exp();
    let covered = (0..2000).filter(|_| {
        let history: Vec<f64> = (0..10).map(|_| figure()).collect();
        let (low, high) = latency(&history, 1.2 * figure()).interval();
        low <= 0.2 && 0.2 <= high
    });
    let share = covered.count() as f64 / 2000.0;
    assert!((0.94..=0.965).contains(&share), "{share}");
}

/// Runs of equal requests, each of whose medians is known exactly and deviates by 7 %.
struct Source {
    random: Xoshiro256PlusPlus,
    empty: Measurement,
}

impl Source {
    fn new(names: &[&'static str], seed: u64) -> Self {
        let request = |name: &&'static str| SimulatedRequest { count: 1, ..SimulatedRequest::new(name, 20.0) };
        let mut empty = Simulated::new(names.iter().map(request).collect()).measure();
        for row in &mut empty.judged.requests {
            row.blocks.clear();
            row.comparable = Trend::default();
        }
        Source { random: Xoshiro256PlusPlus::seed_from_u64(seed), empty }
    }

    fn run(&mut self, job: &str) -> Measurement {
        self.empty.seed += 1;
        let mut run = Measurement { job: Some(job.into()), ..self.empty.clone() };
        let mut normal = || -> f64 { StandardNormal.sample(&mut self.random) };
        let shared = normal();
        for row in &mut run.judged.requests {
            let median = 20.0 * (0.07 * 0.5_f64.sqrt() * (shared + normal())).exp();
            (0..20).for_each(|_| row.comparable.record_value(median).unwrap());
        }
        run
    }
}

fn policy() -> Policy {
    let mut policy = Policy::default();
    policy.regression.metrics = vec![GatedMetric::P50];
    policy.regression.floor = std::time::Duration::ZERO;
    policy
}

/// A false alarm is seldom confirmed by another run, although both are held to one window.
#[test]
fn a_false_alarm_is_seldom_confirmed() {
    let mut source = Source::new(&["a", "b", "c", "d", "e", "f", "g", "h"], 22);
    let policy = policy();
    let (mut failed, mut confirmed) = (0, 0);
    for _ in 0..150 {
        let runs = (0..10).map(|night| source.run(&format!("night {night}"))).collect();
        let window = Window { runs, ..Window::default() };
        let grounds = Grounds { window: Some(&window), ..Grounds::new(&[], &policy) };
        let first = source.run("first");
        if judge(&first, &grounds).verdict == Verdict::Fail {
            failed += 1;
            confirmed += u32::from(judge_again(&source.run("second"), &first, &grounds).verdict == Verdict::Fail);
        }
    }
    assert!((1..=150 * 8 / 100).contains(&failed) && confirmed <= 1, "{failed} failed, {confirmed} confirmed");
}

/// The window must not ratchet towards lucky runs.
#[test]
fn after_120_equal_nights_the_window_is_where_it_began() {
    let mut source = Source::new(&["a"], 23);
    let policy = policy();
    let means: Vec<f64> = (0..8)
        .map(|_| {
            let (mut runs, mut window) = (Runs::at(Timestamp::MAX, Vec::new()), Window::default());
            for night in 0..120 {
                let run = source.run(&format!("night {night}"));
                window = runs.window(&run.contract, run.job.as_deref(), 20);
                let status =
                    judge(&run, &Grounds { window: Some(&window), ..Grounds::new(&[], &policy) }).baseline_status();
                let (path, reason) = (format!("{night}.json").into(), String::new());
                runs.entries.push(Entry { path, status, reason, accepted: None, after_gap: false, measurement: run });
            }
            let medians = window.runs.iter().filter_map(|run| run.judged.requests[0].comparable.quantile(0.5));
            medians.map(|median| (median / 20.0).ln()).sum::<f64>() / window.runs.len() as f64
        })
        .collect();
    let mean = means.iter().sum::<f64>() / means.len() as f64;
    assert!(mean.abs() <= 0.02, "{mean}");
}
