use std::sync::Arc;
use std::time::Duration;

use crate::gate::{Grounds, Judgement, Verdict, judge};
use crate::measurement::layout::{ControlRows, ScenarioLabel};
use crate::measurement::simulated::{Simulated, SimulatedRequest};
use crate::measurement::{ErrorClass, ScenarioTally, Tally};
use crate::metric::{Builtin, Selector, Statistic};
use crate::plan::threshold::Operator;
use crate::plan::{Condition, Threshold};

use super::*;

/// A run with a control; medians in milliseconds.
fn run(seed: u64, reserve: f64, control: f64) -> Measurement {
    let request = |name, median, count| SimulatedRequest { count, sigma: 0.1, ..SimulatedRequest::new(name, median) };
    let requests = vec![request("reserve", reserve, 3000), request("control", control, 300)];
    let mut run = Simulated { seed, ..Simulated::new(requests) }.measure();
    let mut layout = (*run.layout).clone();
    layout.scenarios.push(ScenarioLabel { name: "control".into(), arrival_rate: true, planned: Some(300) });
    layout.requests[1].in_scenario = false;
    layout.requests[1].gated = false;
    layout.control = Some(ControlRows { request: 1, scenario: 1 });
    run.layout = Arc::new(layout);
    let scenario = ScenarioTally { iterations: 300, ..ScenarioTally::default() };
    run.judged.scenarios.push(scenario);
    run.unjudged.scenarios.push(ScenarioTally::default());
    run
}

fn window() -> Window {
    Window { runs: (0..10).map(|seed| run(seed, 20.0, 5.0)).collect(), ..Window::default() }
}

fn judged(run: &Measurement, thresholds: &[Threshold], window: &Window) -> Judgement {
    let policy = Policy::default();
    judge(run, &Grounds { window: Some(window), ..Grounds::new(thresholds, &policy) })
}

fn guard(judgement: &Judgement) -> &Guard {
    judgement.guards.iter().find(|guard| guard.kind == GuardKind::Environment).unwrap()
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

#[test]
fn only_the_control_can_blame_the_environment_and_that_is_never_green() {
    let failing = |mut run: Measurement| {
        let row = &mut run.judged.requests[0];
        (row.failed, row.responses) = (60, row.attempts - 60);
        row.errors[ErrorClass::Connect as usize] = 60;
        row.blocks.clear();
        run
    };
    let table: [(&str, Measurement, Option<f64>, Verdict, &str); 7] = [
        ("nothing moved", run(99, 20.0, 5.0), None, Verdict::Pass, "the control is not proven slower: control p50"),
        ("the deployment alone", run(99, 26.0, 5.0), None, Verdict::Fail, "the control is not proven slower"),
        (
            "both",
            run(99, 26.0, 7.0),
            None,
            Verdict::NotMeasured,
            "outside of the deployment, the control became slower too: control p50 5.12ms → ",
        ),
        (
            "the control alone",
            run(99, 20.0, 7.0),
            None,
            Verdict::Pass,
            "the control became slower, and excuses nothing",
        ),
        ("a faster control", run(99, 26.0, 3.0), None, Verdict::Fail, "the control is not proven slower"),
        // What is too slow by a threshold, or fails, is so whatever the environment does.
        ("a threshold too", run(99, 26.0, 7.0), Some(10.0), Verdict::Fail, "excuses nothing here"),
        ("failures too", failing(run(99, 26.0, 7.0)), None, Verdict::Fail, "excuses nothing here"),
    ];
    for (what, run, limit, verdict, finding) in table {
        let thresholds: Vec<Threshold> = limit.map(p95_below).into_iter().collect();
        let judgement = judged(&run, &thresholds, &window());
        assert_eq!(judgement.verdict, verdict, "{what}: {}", judgement.headline());
        let guard = guard(&judgement);
        assert!(guard.finding.contains(finding), "{what}: {}", guard.finding);
        assert_eq!(guard.fired, verdict == Verdict::NotMeasured, "{what}");
    }
}

#[test]
fn a_control_that_the_window_does_not_know_excuses_nothing() {
    let mut window = window();
    for old in &mut window.runs {
        old.contract.requests.remove("control");
    }
    let judgement = judged(&run(99, 26.0, 7.0), &[], &window);
    assert_eq!(judgement.verdict, Verdict::Fail);
    assert!(guard(&judgement).finding.contains("too few runs that know it"));
    let mut without = run(99, 26.0, 7.0);
    let mut layout = (*without.layout).clone();
    layout.control = None;
    without.layout = Arc::new(layout);
    let judgement = judged(&without, &[], &window);
    assert!(judgement.guards.iter().all(|guard| guard.kind != GuardKind::Environment));
}

/// Neither a row, nor a total, nor a guard of the deployment sees the control.
#[test]
fn the_control_is_in_no_total_and_no_rule() {
    let quiet = run(99, 20.0, 5.0);
    let mut broken = quiet.clone();
    let row = &mut broken.judged.requests[1];
    (row.failed, row.responses) = (row.attempts, 0);
    row.errors[ErrorClass::Connect as usize] = row.attempts;
    row.statuses = [(429, 1)].into();
    broken.judged.scenarios[1].dropped = 299;
    broken.judged.scenarios[1].iterations = 1;
    for run in [&quiet, &broken] {
        let count = |metric: Builtin, statistic| run.view().figure(&metric.into(), statistic);
        assert_eq!(count(Builtin::HttpReqs, Statistic::Count), Some(3000.0));
        assert_eq!(count(Builtin::HttpReqFailed, Statistic::Rate), Some(0.0));
        assert_eq!(count(Builtin::HttpReqDuration, Statistic::Count), Some(3000.0));
        assert_eq!(count(Builtin::DroppedIterations, Statistic::Count), Some(0.0));
        assert_eq!(count(Builtin::DataReceived, Statistic::Count), Some(3000.0 * 1300.0));
        let judgement = judged(run, &[], &window());
        assert_eq!(judgement.verdict, Verdict::Pass, "{}", judgement.headline());
        let Comparison::Made(compared) = &judgement.comparison else { panic!() };
        assert!(compared.rows.iter().all(|row| row.request == "reserve"));
    }
    let mut alone = quiet.clone();
    alone.judged.requests[0] = Default::default();
    alone.judged.scenarios[0] = ScenarioTally::default();
    let judgement = judged(&alone, &[], &window());
    assert_eq!(judgement.verdict, Verdict::NotMeasured, "the control alone is no measurement");
    assert!(judgement.headline().contains("nothing ran in the judged phase"), "{}", judgement.headline());
    assert_ne!(alone.judged, Tally::new(&alone.layout));
}
