use crate::baseline::Others;
use crate::measurement::simulated::{Simulated, SimulatedRequest};
use crate::measurement::{Contract, Inflation};

use super::super::Verdict;
use super::*;

/// Runs of one request with 1,000 samples each; the seeds differ.
fn window(runs: u64) -> Window {
    Window { runs: (0..runs).map(|seed| run(seed, 20.0)).collect(), others: None }
}

fn run(seed: u64, median: f64) -> Measurement {
    let request = SimulatedRequest { count: 400, sigma: 0.1, ..SimulatedRequest::new("reserve", median) };
    Simulated { seed, ..Simulated::new(vec![request]) }.measure()
}

fn history(comparison: Comparison) -> Compared {
    match comparison {
        Comparison::Made(compared) => compared,
        Comparison::None(reason) => panic!("{reason}"),
    }
}

#[test]
fn a_slower_run_fails_and_the_same_passes() {
    let policy = Policy::default();
    let same = history(compare(&run(99, 20.0), &policy, Some(&window(10))));
    let outcomes: Vec<_> = same.rows.iter().map(|row| (row.metric, row.outcome)).collect();
    use GatedMetric::*;
    use RowOutcome::*;
    assert_eq!(outcomes, [(P50, Pass), (P95, Pass), (Failed, TooFewSamples)]);
    assert!(same.blocking() && same.verdict() == Verdict::Pass);
    assert!(same.rows[0].detectable.is_some_and(|change| (0.1..0.2).contains(&change)), "{:?}", same.rows[0]);
    let slow = history(compare(&run(99, 25.0), &policy, Some(&window(10))));
    assert_eq!(slow.verdict(), Verdict::Fail);
    let row = &slow.rows[0];
    assert_eq!((row.request.as_str(), row.metric, row.outcome), ("reserve", P50, Fail));
    assert!((0.22..0.28).contains(&row.change) && row.interval.0 < row.change && row.change < row.interval.1);
    assert_eq!((row.history.len(), row.samples), (10, 400));
}

#[test]
fn how_many_runs_decide_what_the_history_may_say() {
    let table: [(u64, bool, &str); 5] = [
        (0, false, "no baseline: 0 of 10 runs"),
        (1, false, "no baseline: 1 of 10 runs"),
        (4, false, "no baseline: 4 of 10 runs"),
        (5, false, ""),
        (10, true, ""),
    ];
    for (runs, blocking, reason) in table {
        match compare(&run(99, 25.0), &Policy::default(), Some(&window(runs))) {
            Comparison::None(none) => assert_eq!(none.to_string(), reason),
            Comparison::Made(history) => {
                assert!(reason.is_empty() && history.blocking() == blocking, "{runs}");
                assert_eq!(history.rows[0].outcome, RowOutcome::Fail, "{runs}");
            }
        }
    }
}

#[test]
fn without_a_comparable_run_the_difference_is_named() {
    let others = Some(Others { runs: 12, difference: "profile pr, was nightly".into() });
    let comparison = compare(&run(1, 20.0), &Policy::default(), Some(&Window { runs: vec![], others }));
    let Comparison::None(reason) = comparison else { panic!() };
    assert_eq!(reason.to_string(), "no comparable baseline: 12 runs differ by profile pr, was nightly");
    let Comparison::None(reason) = compare(&run(1, 20.0), &Policy::default(), None) else { panic!() };
    assert_eq!(reason, NoComparison::NoBaseline { needed: 10 });
}

#[test]
fn requests_that_were_redefined_are_new_and_soft_terms_are_named() {
    let mut edited = run(99, 80.0);
    let requests = [("reserve".to_string(), "another definition".to_string())].into();
    edited.contract = Contract { requests, ..edited.contract };
    edited.contract.machine.cores = Some(4);
    let history = history(compare(&edited, &Policy::default(), Some(&window(10))));
    assert_eq!((history.new_requests.as_slice(), history.rows.len()), (["reserve".to_string()].as_slice(), 0));
    assert_eq!(history.verdict(), Verdict::Pass, "new requests are judged by thresholds alone");
    assert_eq!(history.differences, ["cores 4, was none"]);
}

/// Runs of one request whose samples are worth what the inflation says of each quantile.
fn worth(seed: u64, count: u32, inflation: f64) -> Measurement {
    let request = SimulatedRequest { count, sigma: 0.01, ..SimulatedRequest::new("reserve", 20.0) };
    let mut run = Simulated { seed, ..Simulated::new(vec![request]) }.measure();
    let tally = &mut run.judged.requests[0];
    tally.blocks.clear();
    let Inflation { failed, .. } = Inflation::NONE;
    tally.inflation = Some(Inflation { p50: inflation, p95: inflation, p99: inflation, p999: inflation, failed });
    run
}

/// The comparison of one figure of such runs.
fn compared(metric: GatedMetric, window: impl Fn(u64) -> Measurement, candidate: &Measurement) -> Compared {
    let mut policy = Policy::default();
    policy.regression.metrics = vec![metric];
    let runs = (0..10).map(window).collect();
    history(compare(candidate, &policy, Some(&Window { runs, ..Window::default() })))
}

#[test]
fn quantiles_need_samples_beyond_them() {
    use RowOutcome::*;
    let hidden = |samples: u32, needed: u32| Err(format!("{samples} samples of the {needed} that it takes"));
    let table = [
        (GatedMetric::P50, 9, 1.0, hidden(9, 10)),
        (GatedMetric::P50, 19, 1.0, Ok(TooFewSamples)),
        (GatedMetric::P50, 20, 1.0, Ok(Pass)),
        (GatedMetric::P50, 20, 1.1, Ok(TooFewSamples)),
        (GatedMetric::P95, 99, 1.0, hidden(99, 100)),
        (GatedMetric::P95, 199, 1.0, Ok(TooFewSamples)),
        (GatedMetric::P95, 200, 1.0, Ok(Pass)),
        (GatedMetric::P95, 399, 2.0, Ok(TooFewSamples)),
        (GatedMetric::P95, 400, 2.0, Ok(Pass)),
        (GatedMetric::P99, 2_999, 1.0, hidden(2_999, 3_000)),
        (GatedMetric::P99, 3_000, 1.0, Ok(TooFewSamples)),
        (GatedMetric::P99, 9_999, 1.0, Ok(TooFewSamples)),
        (GatedMetric::P99, 10_000, 1.0, Ok(Pass)),
        (GatedMetric::P99, 10_000, 1.1, Ok(TooFewSamples)),
        (GatedMetric::P999, 10_000, 1.0, hidden(10_000, 30_000)),
        (
            GatedMetric::P999,
            10_000,
            2.0,
            Err("10000 samples, so alike within seconds that they are worth 5000 of the 30000 that it takes".into()),
        ),
        (GatedMetric::Failed, 1_000, 1.0, Ok(TooFewSamples)),
        (GatedMetric::Failed, 3_000, 1.0, Ok(Pass)),
    ];
    for (metric, count, inflation, expected) in table {
        let compared = compared(metric, |seed| worth(seed, count, inflation), &worth(77, count, inflation));
        let found = match compared.hidden.first() {
            Some(hidden) => Err(hidden.reason.clone()),
            None => Ok(compared.rows[0].outcome),
        };
        assert_eq!(found, expected, "{} of {count} at {inflation}", metric.name());
        assert!(compared.lost.is_empty(), "{} of {count} at {inflation}", metric.name());
    }
}

/// 100,000 samples in each of a dozen runs are slow to simulate, so the window's runs are one, with other seeds.
#[test]
fn a_p999_of_a_hundred_thousand_samples_is_judged() {
    let measured = worth(1, 100_000, 1.0);
    let window = |seed| Measurement { seed, ..measured.clone() };
    let compared = compared(GatedMetric::P999, window, &Measurement { seed: 99, ..measured.clone() });
    let [row] = compared.rows.as_slice() else { panic!("{compared:?}") };
    assert_eq!((row.metric, row.samples, row.p_adjusted), (GatedMetric::P999, 100_000, Some(0.5)));
}

/// What the window knows and a run of a few moments doesn't is no pass.
#[test]
fn samples_that_are_of_a_few_moments_are_a_lost_figure() {
    let compared = compared(GatedMetric::P95, |seed| worth(seed, 2_000, 1.5), &worth(77, 2_000, 30.0));
    let lost: Vec<_> = compared.lost.iter().map(|lost| (lost.metric, lost.samples, lost.base)).collect();
    assert_eq!(lost, [(GatedMetric::P95, 66, 1333)]);
    assert_eq!(compared.verdict(), Verdict::TooNoisy);
}

#[test]
fn a_run_in_which_no_figure_could_be_judged_is_too_noisy() {
    let request = SimulatedRequest { count: 12, ..SimulatedRequest::new("reserve", 20.0) };
    let runs = (0..10).map(|seed| Simulated { seed, ..Simulated::new(vec![request.clone()]) }.measure()).collect();
    let candidate = Simulated { seed: 77, ..Simulated::new(vec![request]) }.measure();
    let history = history(compare(&candidate, &Policy::default(), Some(&Window { runs, others: None })));
    assert!(history.rows.iter().all(|row| row.outcome == RowOutcome::TooFewSamples));
    assert_eq!(history.verdict(), Verdict::TooNoisy);
}
