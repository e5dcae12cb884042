use std::sync::Arc;
use std::time::Duration;

use crate::baseline::{DeploymentPair, Difference};
use crate::gate::{Grounds, Judgement, LostFigure, Row, RowOutcome, Verdict, judge};
use crate::measurement::simulated::{Simulated, SimulatedRequest};
use crate::measurement::{Block, Grid, Layout, RequestTally, bucket};
use crate::pairing::{ArmMode, Pairing};
use crate::plan::policy::GatedMetric;

use super::*;

const PARALLEL: Pairing = Pairing { mode: ArmMode::Parallel, looks: Looks::ONE, shares: Vec::new() };

fn request(name: &'static str, count: u32, median: f64) -> SimulatedRequest {
    SimulatedRequest { count, sigma: 0.2, ..SimulatedRequest::new(name, median) }
}

fn measure(requests: Vec<SimulatedRequest>, seed: u64) -> Measurement {
    let target = format!("http://127.0.0.1:{}", 8000 + seed);
    Measurement { target, ..Simulated { seed, ..Simulated::new(requests) }.measure() }
}

fn reference(requests: Vec<SimulatedRequest>) -> ReferenceArm {
    ReferenceArm { measurement: measure(requests, 2), pairing: PARALLEL }
}

/// Two requests, 60 s, 20 blocks of 3 s with 160 samples each.
fn both() -> Vec<SimulatedRequest> {
    vec![request("seats", 3200, 8.0), request("reserve", 3200, 20.0)]
}

fn compared(comparison: Comparison) -> Compared {
    match comparison {
        Comparison::Made(compared) => compared,
        Comparison::None(reason) => panic!("{reason}"),
    }
}

fn compare_to(candidate: &Measurement, reference: &ReferenceArm) -> Compared {
    compared(compare(candidate, reference, &Policy::default(), None))
}

fn judged(candidate: &Measurement, reference: &ReferenceArm) -> Judgement {
    let policy = Policy::default();
    judge(candidate, &Grounds { reference: Some(reference), ..Grounds::new(&[], &policy) })
}

fn row<'a>(compared: &'a Compared, request: &str, metric: GatedMetric) -> &'a Row {
    compared.rows.iter().find(|row| row.request == request && row.metric == metric).unwrap()
}

#[test]
fn equal_arms_pass_with_every_figure() {
    let compared = compare_to(&measure(both(), 1), &reference(both()));
    let rows: Vec<String> =
        compared.rows.iter().map(|row| format!("{} {}: {:?}", row.request, row.metric.name(), row.outcome)).collect();
    insta::assert_snapshot!(rows.join("\n"), @"
    seats p50: Pass
    seats p95: Pass
    seats failed: Pass
    reserve p50: Pass
    reserve p95: Pass
    reserve failed: Pass
    ");
    assert_eq!(compared.verdict(), Verdict::Pass);
    let Base::Reference(paired) = &compared.with else { panic!() };
    assert_eq!((paired.blocks, paired.block, paired.hardware), (20, Duration::from_secs(3), Hardware::Assumed));
    assert_eq!((&*paired.target, compared.alpha), ("http://127.0.0.1:8002", 0.05));
    let p95 = row(&compared, "reserve", GatedMetric::P95);
    assert!(p95.blocks.len() == 20 && p95.history.is_empty() && p95.samples == 3200);
    assert!(p95.interval.0 < p95.change && p95.change < p95.interval.1);
    assert!(p95.detectable.unwrap() > 0.10 && p95.p_adjusted.unwrap() > 0.05);
    assert_eq!(judged(&measure(both(), 1), &reference(both())).verdict, Verdict::Pass);
}

#[test]
fn a_slower_request_fails_and_the_other_passes() {
    let slower = measure(vec![request("seats", 3200, 8.0), request("reserve", 3200, 24.0)], 1);
    let compared = compare_to(&slower, &reference(both()));
    let p50 = row(&compared, "reserve", GatedMetric::P50);
    assert_eq!(p50.outcome, RowOutcome::Fail);
    assert!((p50.change - 0.2).abs() < 0.03 && p50.t.unwrap() > 5.0 && p50.p_adjusted.unwrap() < 0.001, "{p50:?}");
    assert_eq!(row(&compared, "seats", GatedMetric::P50).outcome, RowOutcome::Pass);
    assert_eq!(judged(&slower, &reference(both())).verdict, Verdict::Fail);
    let faster = compare_to(&reference(both()).measurement, &ReferenceArm { measurement: slower, pairing: PARALLEL });
    assert_eq!(faster.verdict(), Verdict::Pass, "the other way around it is an improvement");
}

#[test]
fn failures_of_the_candidate_alone_fail() {
    let failing = |failures| {
        let one = SimulatedRequest { failures, ..request("seats", 3200, 8.0) };
        vec![one, request("reserve", 3200, 20.0)]
    };
    let compared = compare_to(&measure(failing(0.01), 1), &reference(both()));
    let failed = row(&compared, "seats", GatedMetric::Failed);
    assert_eq!((failed.outcome, failed.base), (RowOutcome::Fail, 0.0));
    assert!((failed.change - failed.candidate).abs() < 1e-3, "{failed:?}");
    let alike = compare_to(&measure(failing(0.01), 1), &reference(failing(0.01)));
    assert_ne!(row(&alike, "seats", GatedMetric::Failed).outcome, RowOutcome::Fail);
}

/// A planned second look halves α for this one.
#[test]
fn each_of_two_looks_has_half_of_alpha() {
    let (candidate, mut reference) = (measure(both(), 1), reference(both()));
    // A small tolerance, so that α decides what is detectable.
    let mut policy = Policy::default();
    (policy.regression.tolerance, policy.regression.floor) = (0.001, Duration::ZERO);
    let one = compared(compare(&candidate, &reference, &policy, None));
    reference.pairing.looks = Looks { planned: 2, taken: 1 };
    let two = compared(compare(&candidate, &reference, &policy, None));
    assert_eq!(two.alpha, 0.025);
    let [one, two] = [&one, &two].map(|compared| row(compared, "reserve", GatedMetric::P95));
    assert!(two.detectable > one.detectable && two.interval == one.interval, "the interval stays that of 95 %");
}

/// Samples of a request over the run of 20 blocks, and what of it is judged.
#[test]
fn what_has_too_few_samples_is_shown_and_costs_the_others_nothing() {
    use RowOutcome::*;
    // p50 needs 8 × 10, p95 8 × 100; failures are counted in any case, and none of so few is no pass.
    let table = [
        (3200, 20, [Some(Pass), Some(Pass), Some(Pass)]),
        (1000, 10, [Some(Pass), Some(Pass), Some(TooFewSamples)]),
        (300, 20, [Some(Pass), Some(TooFewSamples), Some(TooFewSamples)]),
        (60, 20, [Some(TooFewSamples), Some(TooFewSamples), Some(TooFewSamples)]),
        (3, 20, [Some(TooFewSamples), Some(TooFewSamples), Some(TooFewSamples)]),
    ];
    for (count, blocks, outcomes) in table {
        let requests = || vec![request("seats", 3200, 8.0), request("rare", count, 20.0)];
        let compared = compare_to(&measure(requests(), 1), &reference(requests()));
        let Base::Reference(paired) = &compared.with else { panic!() };
        let found = [GatedMetric::P50, GatedMetric::P95, GatedMetric::Failed].map(|metric| {
            compared.rows.iter().find(|row| row.request == "rare" && row.metric == metric).map(|row| row.outcome)
        });
        assert_eq!((paired.blocks, found), (blocks, outcomes), "{count}");
        assert_eq!(compared.verdict(), Verdict::Pass, "{count}: by the figures that were judged");
        let p50 = row(&compared, "rare", GatedMetric::P50);
        assert!(p50.interval.0 <= p50.change && p50.change <= p50.interval.1, "{p50:?}");
        assert!(p50.outcome == Pass || (p50.p_adjusted, p50.detectable) == (None, None));
    }
}

#[test]
fn fewer_than_eight_blocks_judge_nothing_and_never_pass() {
    let seven = Simulated { length: Duration::from_secs(7), seed: 1, ..Simulated::new(both()) }.measure();
    let arm = ReferenceArm { measurement: seven.clone(), pairing: PARALLEL };
    let compared = compare_to(&seven, &arm);
    assert!(compared.rows.len() == 6 && compared.rows.iter().all(|row| row.outcome == RowOutcome::TooFewSamples));
    assert_eq!(compared.verdict(), Verdict::TooNoisy);
    let rare = || vec![request("rare", 40, 20.0)];
    assert_eq!(judged(&measure(rare(), 1), &reference(rare())).verdict, Verdict::TooNoisy);
}

#[test]
fn the_tail_is_judged_from_a_hundred_independent_samples_beyond_it() {
    use RowOutcome::*;
    let requests = |count| vec![SimulatedRequest { count, sigma: 0.02, ..SimulatedRequest::new("seats", 20.0) }];
    let mut policy = Policy::default();
    policy.regression.metrics = vec![GatedMetric::P99];
    let outcome = |candidate: &Measurement, count| {
        let compared = compared(compare(candidate, &reference(requests(count)), &policy, None));
        compared.rows.first().map(|row| row.outcome)
    };
    let table = [(2_900, None), (3_100, Some(TooFewSamples)), (16_000, Some(Pass))];
    for (count, expected) in table {
        assert_eq!(outcome(&measure(requests(count), 1), count), expected, "{count}");
    }
    // All slow answers in one block are worth little more than one.
    let mut burst = measure(requests(16_000), 1);
    let tally = &mut burst.judged.requests[0];
    for _ in 0..100 {
        tally.comparable.record(Duration::from_millis(40));
        tally.blocks.entry(5).or_default().counts.add(bucket::index_of(40_000), 1);
    }
    assert_eq!(outcome(&burst, 16_000), Some(TooFewSamples));
}

#[test]
fn a_tail_with_too_few_samples_even_to_be_shown_is_counted_and_said() {
    let requests = |count| vec![SimulatedRequest { count, sigma: 0.02, ..SimulatedRequest::new("seats", 20.0) }];
    let mut policy = Policy::default();
    policy.regression.metrics = vec![GatedMetric::P50, GatedMetric::P99];
    for (ours, theirs, said) in [
        (2_900, 2_950, "seats p99: 2900 samples of the 3000 that it takes, of the candidate"),
        (2_950, 2_900, "seats p99: 2900 samples of the 3000 that it takes, of the reference"),
    ] {
        let candidate = measure(requests(ours), 1);
        let compared = compared(compare(&candidate, &reference(requests(theirs)), &policy, None));
        assert_eq!((compared.rows.len(), compared.unjudged()), (1, 1));
        assert_eq!(compared.hidden[0].sentence(), said);
    }
}

#[test]
fn a_figure_that_the_candidate_lost_is_no_pass() {
    let table = [(300, true), (2_500, false)];
    for (count, lost) in table {
        let candidate = measure(vec![request("seats", 3200, 8.0), request("reserve", count, 20.0)], 1);
        let compared = compare_to(&candidate, &reference(both()));
        assert_eq!(!compared.lost.is_empty(), lost, "{count}: {:?}", compared.lost);
        assert_eq!(compared.verdict() == Verdict::TooNoisy, lost, "{count}");
        if lost {
            let p95 = LostFigure { request: "reserve".into(), metric: GatedMetric::P95, samples: 300, base: 3200 };
            assert!(compared.lost.contains(&p95), "{:?}", compared.lost);
        }
    }
}

#[test]
fn a_candidate_without_a_single_good_answer_never_passes() {
    let mut candidate = measure(both(), 1);
    let tally = &mut candidate.judged.requests[1];
    let attempts = tally.attempts;
    *tally = RequestTally { attempts, failed: attempts, responses: attempts, ..RequestTally::default() };
    tally.statuses = [(500, attempts)].into();
    for block in 0..20 {
        let block_of = Block { attempts: 160, failed: 160, ..Default::default() };
        tally.blocks.insert(block, block_of);
    }
    let compared = compare_to(&candidate, &reference(both()));
    assert_eq!(row(&compared, "reserve", GatedMetric::Failed).outcome, RowOutcome::Fail);
    assert_eq!(compared.lost.len(), 2, "p50 and p95: {:?}", compared.lost);
}

#[test]
fn requests_that_differ_are_new_and_loads_that_differ_are_not_compared() {
    let mut edited = measure(both(), 1);
    edited.contract.requests.insert("reserve".into(), "another definition".into());
    let compared = compare_to(&edited, &reference(both()));
    assert_eq!((compared.new_requests.as_slice(), compared.rows.len()), (["reserve".to_owned()].as_slice(), 3));

    let only_ours = measure(vec![request("seats", 3200, 8.0), request("cart", 3200, 8.0)], 1);
    let compared = compare_to(&only_ours, &reference(both()));
    assert_eq!(compared.new_requests, ["cart", "reserve"]);

    let reason = |candidate: &Measurement| {
        let Comparison::None(reason) = compare(candidate, &reference(both()), &Policy::default(), None) else {
            panic!()
        };
        let NoComparison::Incomparable { difference, .. } = reason else { panic!() };
        (difference, judged(candidate, &reference(both())).verdict)
    };
    let mut other_load = measure(both(), 1);
    other_load.contract.load = "another".into();
    let mut other_grid = measure(both(), 1);
    let grid = Grid::new(Duration::ZERO, Duration::from_secs(40));
    other_grid.layout = Arc::new(Layout { grid, ..(*other_grid.layout).clone() });
    let strangers = measure(vec![request("cart", 3200, 8.0)], 1);
    for (candidate, named) in [(other_load, "the load"), (other_grid, "the blocks"), (strangers, "every request")] {
        let (difference, verdict) = reason(&candidate);
        assert!(difference.contains(named), "{difference}");
        assert_eq!(verdict, Verdict::NotMeasured, "what was asked to be compared and can't be is not green");
    }
}

#[test]
fn calibrated_deployments_widen_every_row_but_not_one_deployment_against_itself() {
    let pair = |at: u32| -> DeploymentPair {
        let mean = if at.is_multiple_of(2) { 0.08 } else { -0.08 };
        [(("reserve".to_owned(), "p50".to_owned()), Difference { mean, error: 0.0 })].into()
    };
    let calibration = Calibration { deployments: (0..5).map(pair).collect(), ..Calibration::default() };
    let slower = || measure(vec![request("seats", 3200, 8.0), request("reserve", 3200, 22.4)], 1);
    let found = |candidate: &Measurement, calibration| {
        let compared = compared(compare(candidate, &reference(both()), &Policy::default(), calibration));
        let Base::Reference(paired) = &compared.with else { panic!() };
        let p50 = row(&compared, "reserve", GatedMetric::P50);
        (paired.hardware, p50.outcome, p50.interval.1 - p50.interval.0)
    };
    let (assumed, calibrated) = (found(&slower(), None), found(&slower(), Some(&calibration)));
    assert_eq!((assumed.0, assumed.1), (Hardware::Assumed, RowOutcome::Fail));
    assert_eq!((calibrated.0, calibrated.1), (Hardware::Calibrated { records: 5 }, RowOutcome::TooNoisy));
    assert!(calibrated.2 > 2.0 * 2.09 * 0.08, "{}", calibrated.2);
    let itself = Measurement { target: "http://127.0.0.1:8002".into(), ..slower() };
    assert_eq!(found(&itself, Some(&calibration)), (Hardware::Same, RowOutcome::Fail, assumed.2));
}

#[test]
fn all_equal_latencies_are_judged_by_the_histograms_resolution() {
    let equal = |median| vec![SimulatedRequest { count: 3200, sigma: 0.0, ..SimulatedRequest::new("seats", median) }];
    let outcome = |median| {
        let mut policy = Policy::default();
        policy.regression.metrics = vec![GatedMetric::P50, GatedMetric::P95];
        let compared = compared(compare(&measure(equal(median), 1), &reference(equal(20.0)), &policy, None));
        assert!(compared.rows.iter().all(|row| row.t.unwrap().is_finite() && row.detectable.unwrap().is_finite()));
        compared.rows[0].outcome
    };
    assert_eq!([outcome(20.0), outcome(21.0), outcome(26.0)], [RowOutcome::Pass, RowOutcome::Pass, RowOutcome::Fail]);
}
