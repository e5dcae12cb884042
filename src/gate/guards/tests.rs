use std::sync::Arc;
use std::time::Duration;

use crate::gate::{Grounds, Verdict, judge};
use crate::measurement::Tally;
use crate::measurement::simulated::{Simulated, SimulatedRequest};

use crate::plan::policy::GuardLimits;

use super::*;

fn run() -> Measurement {
    let request = |name| SimulatedRequest { count: 100, ..SimulatedRequest::new(name, 20.0) };
    let mut run = Simulated::new(vec![request("login"), request("reserve")]).measure();
    run.generator.loop_lag.record(Duration::from_micros(300));
    run
}

/// Kind, subject and finding of the guards that fired.
fn fired(run: &Measurement) -> Vec<(GuardKind, Option<String>, String)> {
    let guards = examine(run, &GuardLimits::default()).guards.into_iter().filter(|guard| guard.fired);
    guards.map(|guard| (guard.kind, guard.subject, guard.finding)).collect()
}

#[test]
fn a_healthy_run_fires_nothing_and_says_what_was_looked_at() {
    let findings = examine(&run(), &GuardLimits::default());
    assert!(fired(&run()).is_empty() && findings.failures.is_empty());
    let looked_at: Vec<String> = findings
        .guards
        .iter()
        .map(|guard| format!("{:?} {}: {}", guard.kind, guard.subject.as_deref().unwrap_or("-"), guard.finding))
        .collect();
    insta::assert_snapshot!(looked_at.join("\n"), @"
    Incomplete -: 200 requests and 200 iterations in the judged phase
    NeverAttempted login: was attempted
    Refused login: 0 refusals of 100 requests, 0.00%; limit 50%
    NeverAttempted reserve: was attempted
    Refused reserve: 0 refusals of 100 requests, 0.00%; limit 50%
    NeverAttempted users: 200 iterations in the judged phase
    Generator -: the busiest worker used 25.00% of its core; limit 80%
    Generator -: the generator's event loop was over 3.94ms late (loop_lag) in 0.00% of the time; limit 1%
    Generator -: this machine had a socket for every connection
    ");
}

#[test]
fn a_request_that_was_never_attempted_is_named_unless_it_is_optional() {
    let mut run = run();
    run.judged.requests[0] = RequestTally::default();
    assert_eq!(
        fired(&run),
        [(
            GuardKind::NeverAttempted,
            Some("login".into()),
            "was never attempted in the judged phase, only 1 time outside it".into()
        )]
    );
    let mut layout = (*run.layout).clone();
    layout.requests[0].optional = true;
    run.layout = Arc::new(layout);
    assert_eq!(fired(&run), []);
}

#[test]
fn nothing_at_all_is_not_measured() {
    let mut run = run();
    run.judged = Tally::new(&run.layout);
    assert_eq!(fired(&run)[0].2, "nothing ran in the judged phase");
    run.ending = Ending::Interrupted;
    assert_eq!(fired(&run)[0].2, "the run was interrupted after 1m0s");
}

/// Ways to measure nothing that leave counts behind.
#[test]
fn iterations_without_requests_and_scenarios_without_iterations_are_not_measured() {
    let optional = |run: &mut Measurement| {
        let mut layout = (*run.layout).clone();
        layout.requests.iter_mut().for_each(|request| request.optional = true);
        run.layout = Arc::new(layout);
        run.judged.requests = vec![RequestTally::default(); 2];
    };
    let mut idle = run();
    optional(&mut idle);
    assert_eq!(
        fired(&idle),
        [(GuardKind::Incomplete, None, "no request was sent in the judged phase, in 200 iterations".into())]
    );
    let mut aborted = run();
    optional(&mut aborted);
    aborted.ending = Ending::Aborted { threshold: "iteration_errors: count<5".into() };
    assert_eq!(fired(&aborted), [], "the threshold that ended it is what failed");
    let mut setup = run();
    optional(&mut setup);
    setup.judged.requests[0].attempts = 40;
    let mut layout = (*setup.layout).clone();
    layout.requests[0].in_scenario = false;
    setup.layout = Arc::new(layout);
    assert_eq!(fired(&setup)[0].0, GuardKind::Incomplete, "requests of the setup are judged by nothing");
    let mut absent = run();
    absent.judged.scenarios[0] = ScenarioTally::default();
    let before = std::mem::take(&mut absent.unjudged.scenarios[0]);
    assert_eq!(fired(&absent), [(GuardKind::NeverAttempted, Some("users".into()), "no iteration began".into())]);
    absent.unjudged.scenarios[0] = ScenarioTally { iterations: 3, ..before };
    assert_eq!(fired(&absent), [], "a warm-up that ends before the judged phase");
}

#[test]
fn refusals_are_a_guard_above_half_of_the_requests() {
    // statuses, errors by host, failed, fired
    type Statuses = &'static [(u16, u64)];
    let table: [(Statuses, u64, u64, bool); 7] = [
        (&[(200, 100)], 0, 0, false),
        (&[(200, 49), (401, 51)], 0, 51, true),
        (&[(200, 50), (429, 50)], 0, 50, false),
        (&[(403, 30), (429, 30), (200, 40)], 0, 60, true),
        (&[], 100, 100, true),
        (&[(401, 100)], 0, 0, false), // the plan expects them
        (&[(500, 100)], 0, 100, false),
    ];
    for (statuses, hosts, failed, expected) in table {
        let mut run = run();
        let row = &mut run.judged.requests[1];
        row.statuses = statuses.iter().copied().collect();
        row.errors[ErrorClass::Host as usize] = hosts;
        row.failed = failed;
        let fired = fired(&run);
        assert_eq!(fired.len(), usize::from(expected), "{statuses:?} {hosts}: {fired:?}");
        assert!(
            fired.iter().all(|(kind, subject, _)| *kind == GuardKind::Refused && subject.as_deref() == Some("reserve"))
        );
    }
}

#[test]
fn a_request_without_any_answer_is_a_failure_and_no_guard() {
    let mut run = run();
    run.judged.requests[1] = RequestTally { attempts: 40, failed: 40, interrupted: 2, ..RequestTally::default() };
    run.judged.requests[1].errors[ErrorClass::Connect as usize] = 40;
    assert_eq!(fired(&run), []);
    let failures = examine(&run, &GuardLimits::default()).failures;
    assert_eq!((failures.len(), failures[0].kind), (1, FailureKind::NoResponse));
    assert_eq!(failures[0].finding, "none of 42 requests was answered (connect: 40, cut off: 2)");
}

/// 1,000 arrivals planned: who is to blame where they did not all begin.
#[test]
fn arrivals_that_did_not_begin_are_the_candidates_failure_only_if_the_generator_was_healthy() {
    // started, dropped, busiest worker, schedule lag in ms, guard, failure
    let table: [(u64, u64, Option<f64>, u64, bool, bool); 8] = [
        (1000, 0, Some(0.3), 0, false, false),
        (990, 10, Some(0.3), 0, false, false),
        (980, 20, Some(0.3), 0, false, true),
        (980, 20, Some(0.79), 30, true, false),
        (980, 20, Some(0.80), 0, true, false),
        (980, 20, None, 0, true, false),
        (989, 0, Some(0.3), 0, true, false),
        (999, 0, Some(0.3), 0, false, false),
    ];
    for (started, dropped, cpu, lag, guard, failure) in table {
        let mut run = run();
        let mut layout = (*run.layout).clone();
        (layout.scenarios[0].arrival_rate, layout.scenarios[0].planned) = (true, Some(1000));
        run.layout = Arc::new(layout);
        let row = &mut run.judged.scenarios[0];
        (row.iterations, row.dropped) = (started, dropped);
        row.schedule_lag.record(Duration::from_millis(lag));
        run.generator.busiest_worker_cpu = cpu;
        let what = format!("{started} {dropped} {cpu:?} {lag}");
        assert_eq!(fired(&run).iter().any(|fired| fired.0 == GuardKind::Rate), guard, "guard: {what}");
        let failures = examine(&run, &GuardLimits::default()).failures;
        assert_eq!(failures.iter().any(|found| found.kind == FailureKind::FellBehind), failure, "failure: {what}");
        let verdict = judge(&run, &Grounds::new(&[], &Policy::default())).verdict;
        assert_eq!(verdict == Verdict::Fail, failure, "{what}");
    }
}

#[test]
fn a_run_that_a_threshold_ended_is_no_guard() {
    let mut run = run();
    run.judged.requests[0] = RequestTally::default();
    run.ending = Ending::Aborted { threshold: "checks: rate>0.9".into() };
    assert_eq!(fired(&run), []);
    assert_eq!(abort(&run, &[]).unwrap().finding, "ended early by checks: rate>0.9");
}
