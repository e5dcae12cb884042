//! Windows that no honest nightly job leaves behind. None of them may turn into a pass that nothing has earned.

use std::time::Duration;

use crate::baseline::Window;
use crate::gate::{Base, Comparison, Grounds, Judgement, RowOutcome, Verdict, judge};
use crate::measurement::simulated::{Simulated, SimulatedRequest};
use crate::measurement::{Contract, Measurement, Trend};
use crate::plan::Policy;
use crate::plan::policy::GatedMetric;

/// A run of 400 requests around 20 ms.
fn run(seed: u64) -> Measurement {
    slower(seed, 1.0)
}

fn slower(seed: u64, factor: f64) -> Measurement {
    let request = SimulatedRequest { count: 400, sigma: 0.1, ..SimulatedRequest::new("reserve", 20.0 * factor) };
    Simulated { seed, ..Simulated::new(vec![request]) }.measure()
}

/// The same, but that every request took exactly so long.
fn constant(seed: u64, milliseconds: f64) -> Measurement {
    let mut run = run(seed);
    let tally = &mut run.judged.requests[0];
    tally.blocks.clear();
    tally.comparable = Trend::default();
    (0..400).for_each(|_| tally.comparable.record_value(milliseconds).unwrap());
    run
}

fn judged(runs: Vec<Measurement>, candidate: &Measurement) -> Judgement {
    let mut policy = Policy::default();
    policy.regression.metrics = vec![GatedMetric::P50, GatedMetric::P95];
    let window = Window { runs, ..Window::default() };
    judge(candidate, &Grounds { window: Some(&window), ..Grounds::new(&[], &policy) })
}

fn runs(judgement: &Judgement) -> usize {
    match &judgement.comparison {
        Comparison::Made(compared) => match &compared.with {
            Base::History(history) => history.runs,
            Base::Reference(_) => panic!(),
        },
        Comparison::None(_) => 0,
    }
}

fn many(of: impl Fn(u64) -> Measurement) -> Vec<Measurement> {
    (0..10).map(of).collect()
}

#[test]
fn no_window_makes_a_pass_of_what_it_does_not_know() {
    let of_load = |load: &'static str| {
        move |seed| Measurement { contract: Contract { load: load.into(), ..run(seed).contract }, ..run(seed) }
    };
    let mixed = many(run).into_iter().take(4).chain(many(of_load("another"))).collect();
    let copies = (0..12).map(|_| run(1)).collect();
    let table: [(&str, Vec<Measurement>, Measurement, Verdict, &str); 14] = [
        ("no run", vec![], run(99), Verdict::TooNoisy, "no baseline: 0 of 10 runs"),
        ("one run", vec![run(0)], run(99), Verdict::TooNoisy, "no baseline: 1 of 10 runs"),
        ("twelve copies of one run", copies, run(99), Verdict::TooNoisy, "no baseline: 1 of 10 runs"),
        ("the run itself, ten times", many(|_| run(99)), run(99), Verdict::TooNoisy, "no baseline: 0 of 10 runs"),
        ("four runs among ten of another load", mixed, run(99), Verdict::TooNoisy, "no baseline: 4 of 10 runs"),
        (
            "ten runs of another load",
            many(of_load("another")),
            run(99),
            Verdict::TooNoisy,
            "no comparable baseline: 10 runs differ by the load",
        ),
        ("all zeros, as now", many(|seed| constant(seed, 0.0)), constant(99, 0.0), Verdict::Pass, "no regression in 2"),
        ("all zeros, and now not", many(|seed| constant(seed, 0.0)), run(99), Verdict::Fail, "reserve p50 1µs → "),
        ("all equal, as now", many(|seed| constant(seed, 20.0)), constant(99, 20.0), Verdict::Pass, "no regression"),
        ("all equal, and a step now", many(|seed| constant(seed, 20.0)), slower(99, 1.3), Verdict::Fail, "reserve p50"),
        // Ten runs without any spread prove no more than the samples of this one do: here w decides.
        (
            "all equal, and a run that knows little",
            many(|seed| constant(seed, 20.0)),
            {
                let request = SimulatedRequest { count: 210, sigma: 1.2, ..SimulatedRequest::new("reserve", 2.9) };
                Simulated { seed: 99, ..Simulated::new(vec![request]) }.measure()
            },
            Verdict::TooNoisy,
            "reserve p95",
        ),
        (
            "no sample in the window",
            many(|seed| {
                let mut run = run(seed);
                run.judged.requests[0] = Default::default();
                run
            }),
            run(99),
            Verdict::TooNoisy,
            "nothing to compare with 10 runs",
        ),
        (
            "no sample now",
            many(run),
            {
                let mut run = run(99);
                run.judged.requests[0].comparable = Trend::default();
                run.judged.requests[0].blocks.clear();
                run
            },
            Verdict::TooNoisy,
            "reserve p50: 0 samples, where every run of the window has 400 or more",
        ),
        ("an honest window", many(run), run(99), Verdict::Pass, "no regression in 2 figures against 10 runs"),
    ];
    for (what, window, candidate, verdict, reason) in table {
        let judgement = judged(window, &candidate);
        let headline = judgement.headline();
        assert_eq!(judgement.verdict, verdict, "{what}: {headline}");
        assert!(headline.contains(reason), "{what}: {headline}");
    }
}

#[test]
fn a_run_that_is_there_twice_counts_once() {
    let twice = many(run).into_iter().chain(many(run)).collect();
    assert_eq!(runs(&judged(twice, &run(99))), 10);
    let mut other_job = run(3);
    other_job.job = Some("another".into());
    assert_eq!(runs(&judged(many(run).into_iter().chain([other_job]).collect(), &run(99))), 11);
    let with_itself = many(run).into_iter().chain([run(99)]).collect();
    assert_eq!(runs(&judged(with_itself, &run(99))), 10, "a run is not compared with itself");
}

/// What began before its window is judged by it all the same, and the report says so: to leave later runs out would make a
/// clock that went back to 1970 a pass by thresholds alone.
#[test]
fn a_clock_that_went_backwards_is_named_and_costs_no_comparison() {
    let later = many(|seed| {
        let mut run = run(seed);
        run.started_at += Duration::from_secs(86_400 * seed);
        run
    });
    let mut slow = slower(99, 1.3);
    slow.started_at -= Duration::from_secs(3600);
    let judgement = judged(later, &slow);
    assert_eq!(judgement.verdict, Verdict::Fail);
    let Comparison::Made(compared) = &judgement.comparison else { panic!() };
    assert_eq!(compared.differences, ["start 2026-11-18T10:06:40Z, before 10 of the 10 runs that it is compared with"]);
}

/// A pull request edits one request of two: the other is compared as ever.
#[test]
fn an_edited_plan_is_compared_where_it_is_unchanged() {
    let two = |seed, reserve| {
        let request = |name, median| SimulatedRequest { count: 400, sigma: 0.1, ..SimulatedRequest::new(name, median) };
        Simulated { seed, ..Simulated::new(vec![request("seats", 10.0), request("reserve", reserve)]) }.measure()
    };
    let edited = |name: &str| {
        let mut run = two(99, 40.0);
        *run.contract.requests.get_mut(name).unwrap() = "another definition".into();
        judged(many(|seed| two(seed, 20.0)), &run)
    };
    let figures = |judgement: &Judgement| {
        let Comparison::Made(compared) = &judgement.comparison else { panic!() };
        let rows = compared.rows.iter().map(|row| format!("{} {}", row.request, row.metric.name())).collect::<Vec<_>>();
        (rows.join(", "), compared.new_requests.join(", "))
    };
    let slower = edited("reserve");
    assert_eq!(figures(&slower), ("seats p50, seats p95".into(), "reserve".into()));
    assert_eq!(slower.verdict, Verdict::Pass);
    assert!(
        slower.headline().ends_with("no regression in 2 figures against 10 runs, 1 request new"),
        "{}",
        slower.headline()
    );
    let unchanged = edited("seats");
    assert_eq!(figures(&unchanged), ("reserve p50, reserve p95".into(), "seats".into()));
    assert_eq!(unchanged.verdict, Verdict::Fail);
}

/// The window is too short to block: a regression in it is shown, and the run is judged by nothing.
#[test]
fn a_row_of_a_short_history_is_shown_and_does_not_block() {
    let judgement = judged((0..7).map(run).collect(), &slower(99, 1.5));
    let Comparison::Made(compared) = &judgement.comparison else { panic!() };
    assert!(compared.rows.iter().all(|row| row.outcome == RowOutcome::Fail));
    assert_eq!(judgement.verdict, Verdict::TooNoisy, "nothing was judged: {}", judgement.headline());
}
