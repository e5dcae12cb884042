use crate::measurement::Ratio;
use crate::measurement::simulated::{Simulated, SimulatedRequest};
use crate::metric::Selector;
use crate::plan::threshold::Operator;
use crate::plan::{Condition, SubmetricId};

use super::*;

fn threshold(metric: &str, statistic: Statistic, operator: Operator, limit: f64) -> Threshold {
    Threshold {
        selector: Selector { metric: Metric::named(metric), tags: vec![] },
        submetric: None,
        condition: Condition { statistic, operator, limit },
        abort_on_fail: true,
        delay_abort_eval: Duration::ZERO,
    }
}

/// 100 requests of 10 ms in 60 s, 10 of them failed.
fn run() -> Measurement {
    let request = SimulatedRequest { count: 100, sigma: 0.0, ..SimulatedRequest::new("reserve", 1.0) };
    let mut run = Simulated::new(vec![request]).measure();
    run.judged.requests[0].failed = 10;
    run.judged.checks[0] = Ratio { trues: 999, total: 1000 };
    run
}

#[test]
fn thresholds_hold_or_break_as_in_k6() {
    use Operator::*;
    use Statistic::*;
    let table = [
        ("http_req_failed", Rate, Less, 0.11, Some(0.1), true),
        ("http_req_failed", Rate, Less, 0.1, Some(0.1), false),
        ("http_req_failed", Rate, LessOrEqual, 0.1, Some(0.1), true),
        ("http_reqs", Count, Equal, 100.0, Some(100.0), true),
        ("http_reqs", Rate, Greater, 1.5, Some(100.0 / 60.0), true),
        ("checks", Rate, GreaterOrEqual, 0.9999, Some(0.999), false),
        ("checks", Rate, NotEqual, 1.0, Some(0.999), true),
        ("vus", Value, Less, 30.0, Some(20.0), true),
        // Nothing was dropped, which is a figure; nothing was measured, which is none.
        ("dropped_iterations", Count, Less, 1.0, Some(0.0), true),
        ("http_req_scheduled_duration", Percentile(95.0), Less, 1000.0, None, false),
        ("no_such_metric", Rate, Less, 1.0, None, false),
    ];
    for (metric, statistic, operator, limit, figure, passed) in table {
        let threshold = threshold(metric, statistic, operator, limit);
        let result = &evaluate(&run(), std::slice::from_ref(&threshold))[0];
        assert_eq!((result.figure, result.passed), (figure, passed), "{}", label(&threshold));
    }
}

#[test]
fn latencies_are_in_milliseconds_and_tags_have_their_own_samples() {
    let mut tagged = threshold("http_req_duration", Statistic::Percentile(95.0), Operator::Less, 2.0);
    tagged.selector.tags = vec![("expected_response".into(), "true".into())];
    tagged.submetric = Some(SubmetricId(0));
    let mut uncounted = tagged.clone();
    uncounted.selector.tags = vec![("name".into(), "of a later plan".into())];
    let results = evaluate(&run(), &[tagged, uncounted]);
    assert_eq!(results[0].selector, "http_req_duration{expected_response:true}");
    assert!(results[0].passed && results[0].figure.is_some_and(|p95| (1.0..1.3).contains(&p95)), "{results:?}");
    assert_eq!(results[0].unit, Unit::Milliseconds);
    assert_eq!((results[1].passed, results[1].figure), (false, None));
}

#[test]
fn a_threshold_that_ended_the_run_failed_even_if_its_figure_recovered() {
    let mut run = run();
    run.ending = Ending::Aborted { threshold: "checks: rate>0.9".into() };
    let results = evaluate(&run, &[threshold("checks", Statistic::Rate, Operator::Greater, 0.9)]);
    assert!(results[0].aborted && !results[0].passed);
}

#[test]
fn a_broken_threshold_ends_a_run_only_when_it_may() {
    let run = run();
    let empty = Tallies::new(&run.layout);
    let tallies = Tallies { judged: run.judged.clone(), unjudged: run.unjudged.clone() };
    let broken_one = threshold("http_req_failed", Statistic::Rate, Operator::Less, 0.01);
    let seconds = Duration::from_secs;
    let table = [
        ("broken", broken_one.clone(), &tallies, true),
        ("no sample yet", broken_one.clone(), &empty, false),
        ("holds", threshold("http_req_failed", Statistic::Rate, Operator::Less, 0.5), &tallies, false),
        ("not asked to abort", Threshold { abort_on_fail: false, ..broken_one.clone() }, &tallies, false),
        ("too early", Threshold { delay_abort_eval: seconds(11), ..broken_one.clone() }, &tallies, false),
        ("late enough", Threshold { delay_abort_eval: seconds(10), ..broken_one }, &tallies, true),
        // 100 requests in the first 10 s are 10 a second.
        ("a rate so far", threshold("http_reqs", Statistic::Rate, Operator::Greater, 9.0), &tallies, false),
        ("a low rate so far", threshold("http_reqs", Statistic::Rate, Operator::Greater, 11.0), &tallies, true),
    ];
    for (what, threshold, tallies, expected) in table {
        let found = broken(std::slice::from_ref(&threshold), &run.layout, tallies, seconds(10));
        assert_eq!(found.is_some(), expected, "{what}");
    }
}
