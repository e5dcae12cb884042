use std::time::Duration;

use crate::baseline::Others;
use crate::measurement::simulated::{Simulated, SimulatedRequest};
use crate::measurement::{BaselineStatus, Ending, ErrorClass};
use crate::metric::{Builtin, Selector, Statistic};
use crate::plan::Condition;
use crate::plan::policy::GatedMetric;
use crate::plan::threshold::Operator;

use super::{Comparison, Grounds, Judgement, Measurement, Policy, RowOutcome, Threshold, Verdict, Window};

fn run(seed: u64, reserve: f64) -> Measurement {
    let request = |name, median| SimulatedRequest { count: 300, sigma: 0.05, ..SimulatedRequest::new(name, median) };
    Simulated { seed, ..Simulated::new(vec![request("seats", 5.0), request("reserve", reserve)]) }.measure()
}

fn window(runs: u64) -> Window {
    Window { runs: (0..runs).map(|seed| run(seed, 20.0)).collect(), others: None }
}

fn p95_below(limit: f64) -> Threshold {
    Threshold {
        selector: Selector { metric: Builtin::HttpReqDuration.into(), tags: vec![] },
        submetric: None,
        condition: Condition { statistic: Statistic::Percentile(95.0), operator: Operator::Less, limit },
        abort_on_fail: false,
        delay_abort_eval: Duration::ZERO,
    }
}

fn judge(run: &Measurement, thresholds: &[Threshold], policy: &Policy, window: Option<&Window>) -> Judgement {
    super::judge(run, &Grounds { window, ..Grounds::new(thresholds, policy) })
}

fn headline(run: &Measurement, thresholds: &[Threshold], window: Option<&Window>) -> String {
    judge(run, thresholds, &Policy::default(), window).headline()
}

#[test]
fn headlines_of_runs_that_pass() {
    let holds = [p95_below(100.0), p95_below(90.0)];
    insta::assert_snapshot!(headline(&run(99, 20.0), &holds, Some(&window(10))), @"pass: 2 thresholds hold; no regression in 4 figures against 10 runs, 2 not judged (too few samples)");
    insta::assert_snapshot!(headline(&run(99, 20.0), &holds, Some(&window(3))), @"pass: 2 thresholds hold; no baseline: 3 of 10 runs");
    insta::assert_snapshot!(headline(&run(99, 20.0), &holds, Some(&window(7))), @"pass: 2 thresholds hold; baseline not deciding yet: 7 of 10 runs");
    let others = Some(Others { runs: 12, difference: "tier pro, was hobby".into() });
    insta::assert_snapshot!(headline(&run(99, 20.0), &holds[..1], Some(&Window { runs: vec![], others })), @"pass: 1 threshold holds; no comparable baseline: 12 runs differ by tier pro, was hobby");
}

#[test]
fn headlines_of_runs_that_fail() {
    insta::assert_snapshot!(headline(&run(99, 26.0), &[], Some(&window(10))), @"fail: reserve p50 20.14ms → 26.03ms, +29.2%, 95% interval [+27.9, +30.6]%, limit +10%; and 1 more");
    insta::assert_snapshot!(headline(&run(99, 26.0), &[p95_below(20.0)], Some(&window(10))), @"fail: http_req_duration p(95) is 27.83ms, limit < 20ms; and 2 more");
    let mut dead = run(99, 20.0);
    let row = &mut dead.judged.requests[1];
    (row.responses, row.failed) = (0, 300);
    row.errors[ErrorClass::Connect as usize] = 290;
    row.errors[ErrorClass::Timeout as usize] = 10;
    row.statuses.clear();
    insta::assert_snapshot!(headline(&dead, &[], None), @"fail: reserve: none of 300 requests was answered (connect: 290, timeout: 10)");
    let mut aborted = run(99, 20.0);
    aborted.ending = Ending::Aborted { threshold: "http_req_duration: p(95)<90".into() };
    insta::assert_snapshot!(headline(&aborted, &[p95_below(90.0)], None), @"fail: http_req_duration p(95) is 21.45ms, limit < 90ms, which ended the run");
    insta::assert_snapshot!(headline(&aborted, &[], None), @"fail: ended early by http_req_duration: p(95)<90");
    let mut empty = p95_below(90.0);
    empty.selector.metric = Builtin::ScheduleLag.into();
    insta::assert_snapshot!(headline(&run(99, 20.0), &[empty], None), @"fail: schedule_lag p(95) has no sample, limit < 90ms");
}

#[test]
fn headlines_of_runs_that_prove_nothing() {
    let unlike = Window { runs: (0..10).map(|seed| run(seed, 15.0 + seed as f64)).collect(), others: None };
    insta::assert_snapshot!(headline(&run(99, 20.0), &[], Some(&unlike)), @"too noisy: reserve p95 21.01ms → 21.87ms, +4.1%, 95% interval [-28.4, +51.3]%, limit +10%; the smallest change this run could have shown is +88.0%; and 1 more");
    let mut login = run(99, 20.0);
    login.judged.requests[1].statuses = [(200, 90), (401, 200), (429, 10)].into();
    login.judged.requests[1].failed = 210;
    insta::assert_snapshot!(headline(&login, &[p95_below(1.0)], None), @"not measured: reserve: 210 refusals of 300 requests (401: 200, 429: 10), 70.00%; limit 50%");
    let mut missing = run(99, 20.0);
    missing.judged.requests[0] = Default::default();
    insta::assert_snapshot!(headline(&missing, &[], None), @"not measured: seats: was never attempted in the judged phase, only 3 times outside it");
    let mut interrupted = run(99, 20.0);
    interrupted.ending = Ending::Interrupted;
    insta::assert_snapshot!(headline(&interrupted, &[], None), @"not measured: the run was interrupted after 1m0s");
    let mut required = Policy::default();
    required.baseline.required = true;
    insta::assert_snapshot!(judge(&run(99, 20.0), &[], &required, Some(&window(3))).headline(), @"not measured: no baseline: 3 of 10 runs");
}

#[test]
fn not_measured_before_fail_before_too_noisy_before_pass() {
    let noisy = Window { runs: (0..10).map(|seed| run(seed, 15.0 + seed as f64)).collect(), others: None };
    let judged =
        |run: &Measurement, limit: f64| judge(run, &[p95_below(limit)], &Policy::default(), Some(&noisy)).verdict;
    let mut saturated = run(99, 20.0);
    saturated.generator.busiest_worker_cpu = Some(0.9);
    assert_eq!(judged(&saturated, 1.0), Verdict::NotMeasured);
    assert_eq!(judged(&run(99, 20.0), 1.0), Verdict::Fail);
    assert_eq!(judged(&run(99, 20.0), 100.0), Verdict::TooNoisy);
    assert_eq!(judge(&run(99, 20.0), &[p95_below(100.0)], &Policy::default(), None).verdict, Verdict::Pass);
}

#[test]
fn what_a_baseline_keeps_of_a_judgement() {
    let slow = judge(&run(99, 26.0), &[p95_below(100.0)], &Policy::default(), Some(&window(10)));
    let status = |run: &Measurement, limit: f64, window: Option<&Window>| {
        judge(run, &[p95_below(limit)], &Policy::default(), window).baseline_status()
    };
    let noisy = Window { runs: (0..10).map(|seed| run(seed, 15.0 + seed as f64)).collect(), others: None };
    let mut interrupted = run(99, 20.0);
    interrupted.ending = Ending::Interrupted;
    assert_eq!(slow.baseline_status(), BaselineStatus::Suspect);
    assert_eq!(status(&run(99, 26.0), 1.0, Some(&window(10))), BaselineStatus::ThresholdsFailed);
    assert_eq!(status(&run(99, 20.0), 100.0, Some(&window(10))), BaselineStatus::Pass);
    assert_eq!(status(&run(99, 20.0), 100.0, Some(&noisy)), BaselineStatus::TooNoisy);
    assert_eq!(status(&interrupted, 1.0, None), BaselineStatus::Guard);
}

#[test]
fn a_history_that_is_too_short_to_block_does_not() {
    let judgement = judge(&run(99, 30.0), &[p95_below(100.0)], &Policy::default(), Some(&window(9)));
    assert_eq!(judgement.verdict, Verdict::Pass);
    let Comparison::Made(history) = &judgement.comparison else { panic!() };
    assert!(history.rows.iter().any(|row| row.outcome == RowOutcome::Fail && row.metric == GatedMetric::P50));
}

/// Without a threshold and without a figure to compare, nothing says that the run was good.
#[test]
fn what_nothing_judged_does_not_pass() {
    let holds = [p95_below(100.0)];
    let redefined = || {
        let mut run = run(99, 20.0);
        run.contract.requests.values_mut().for_each(|definition| *definition = "another".into());
        run
    };
    let verdict = |run: &Measurement, thresholds: &[Threshold], window: Option<&Window>| {
        judge(run, thresholds, &Policy::default(), window).verdict
    };
    let table = [
        ("no baseline", run(99, 20.0), None),
        ("a history too short to report", run(99, 20.0), Some(window(3))),
        ("a history too short to block", run(99, 20.0), Some(window(9))),
        ("every request is new", redefined(), Some(window(10))),
    ];
    for (what, run, window) in &table {
        assert_eq!(verdict(run, &[], window.as_ref()), Verdict::TooNoisy, "{what}");
        assert_eq!(verdict(run, &holds, window.as_ref()), Verdict::Pass, "{what}: thresholds decide");
    }
    assert_eq!(verdict(&run(99, 20.0), &[], Some(&window(10))), Verdict::Pass, "the comparison decides");
    insta::assert_snapshot!(headline(&run(99, 20.0), &[], None), @"nothing was judged: no thresholds; no baseline: 0 of 10 runs");
    insta::assert_snapshot!(headline(&run(99, 20.0), &[], Some(&window(9))), @"nothing was judged: no thresholds; baseline not deciding yet: 9 of 10 runs");
    insta::assert_snapshot!(headline(&redefined(), &[], Some(&window(10))), @"nothing was judged: no thresholds; nothing to compare with 10 runs, 2 requests new");
    assert_eq!(judge(&run(99, 20.0), &[], &Policy::default(), None).baseline_status(), BaselineStatus::TooNoisy);
}

/// The window has 300 samples of `reserve` in every run. What comes back of it now decides, not what the other request does.
#[test]
fn a_request_of_which_almost_nothing_came_back_does_not_pass() {
    let judged = |count: u32, failed: u64| {
        let request = |name, median| SimulatedRequest { sigma: 0.05, ..SimulatedRequest::new(name, median) };
        let requests = vec![
            SimulatedRequest { count: 300, ..request("seats", 5.0) },
            SimulatedRequest { count, ..request("reserve", 20.0) },
        ];
        let mut run = Simulated { seed: 99, ..Simulated::new(requests) }.measure();
        run.judged.requests[1].failed = failed;
        if failed > 0 {
            // Unexpected answers are in no compared quantile.
            run.judged.requests[1].comparable.clear();
        }
        let mut policy = Policy::default();
        policy.regression.metrics = vec![GatedMetric::P50, GatedMetric::P95];
        judge(&run, &[], &policy, Some(&window(10)))
    };
    assert_eq!(judged(300, 0).verdict, Verdict::Pass);
    assert_eq!(judged(160, 0).verdict, Verdict::Pass, "more than half of the samples are no collapse");
    insta::assert_snapshot!(judged(8, 0).headline(), @"too noisy: reserve p50: 8 samples, where every run of the window has 300 or more; and 1 more");
    insta::assert_snapshot!(judged(300, 300).headline(), @"too noisy: reserve p50: 0 samples, where every run of the window has 300 or more; and 1 more");
}
