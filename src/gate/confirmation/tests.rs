use crate::gate::{Hardware, Paired};
use crate::measurement::simulated::{Simulated, SimulatedRequest};
use crate::pairing::{ArmMode, Looks, Pairing};
use crate::plan::Policy;

use super::*;

/// A run of a job; medians of its two requests in milliseconds.
fn run(seed: u64, job: Option<&str>, seats: f64, reserve: f64) -> Measurement {
    let request = |name, median| SimulatedRequest { count: 1000, sigma: 0.05, ..SimulatedRequest::new(name, median) };
    let mut run =
        Simulated { seed, ..Simulated::new(vec![request("seats", seats), request("reserve", reserve)]) }.measure();
    run.job = job.map(Into::into);
    run
}

fn window() -> Window {
    let runs = (0..10).map(|seed| run(seed, Some(&format!("night {seed}")), 10.0, 20.0)).collect();
    Window { runs, ..Window::default() }
}

fn policy() -> Policy {
    let mut policy = Policy::default();
    policy.regression.metrics = vec![GatedMetric::P50];
    policy
}

fn judged(second: &Measurement, first: &Measurement) -> Judgement {
    let (window, policy) = (window(), policy());
    judge_again(second, first, &Grounds { window: Some(&window), ..Grounds::new(&[], &policy) })
}

fn outcomes(judgement: &Judgement) -> Vec<RowOutcome> {
    let Comparison::Made(compared) = &judgement.comparison else { panic!("{judgement:?}") };
    compared.rows.iter().map(|row| row.outcome).collect()
}

fn confirmation(judgement: &Judgement) -> &Confirmation {
    let Comparison::Made(Compared { confirmation: Some(confirmation), .. }) = &judgement.comparison else { panic!() };
    confirmation
}

#[test]
fn what_fails_in_both_runs_fails() {
    use RowOutcome::*;
    let table = [
        ("both alike", (10.0, 26.0), (10.0, 26.0), Verdict::Fail, [Pass, Fail], "reserve p50 confirmed by job one"),
        (
            "the second is as ever",
            (10.0, 26.0),
            (10.0, 20.0),
            Verdict::Pass,
            [Pass, Pass],
            "reserve p50 failed in job one alone, not confirmed here",
        ),
        (
            "each by another request",
            (10.0, 26.0),
            (13.0, 20.0),
            Verdict::TooNoisy,
            [TooNoisy, Pass],
            "seats p50 failed here alone, not confirmed by job one; reserve p50 failed in job one alone, not confirmed here",
        ),
        (
            "one of two is confirmed",
            (10.0, 26.0),
            (13.0, 26.0),
            Verdict::Fail,
            [TooNoisy, Fail],
            "reserve p50 confirmed by job one; seats p50 failed here alone, not confirmed by job one",
        ),
        (
            "two are confirmed",
            (13.0, 26.0),
            (13.0, 26.0),
            Verdict::Fail,
            [Fail, Fail],
            "seats p50 and 1 more confirmed by job one",
        ),
    ];
    for (what, first, second, verdict, rows, sentence) in table {
        let first = run(50, Some("one"), first.0, first.1);
        let judgement = judged(&run(51, Some("two"), second.0, second.1), &first);
        assert_eq!((judgement.verdict, outcomes(&judgement)), (verdict, rows.to_vec()), "{what}");
        assert_eq!(confirmation(&judgement).sentence(), sentence, "{what}");
        assert!(judgement.headline().ends_with(sentence), "{what}: {}", judgement.headline());
    }
}

/// A refused first run changes nothing: the second one's regression stays a fail, and its pass a pass.
#[test]
fn a_run_that_says_nothing_of_this_one_is_refused_and_never_credited() {
    let edited = |edit: fn(&mut Measurement)| {
        let mut first = run(50, Some("one"), 10.0, 26.0);
        edit(&mut first);
        first
    };
    let table: [(&str, Measurement); 8] = [
        ("both runs are of job two", edited(|run| run.job = Some("two".into()))),
        ("the first run is of the plan shop, this one of concert", edited(|run| run.plan = "shop".into())),
        ("the first run differs by profile nightly, was pr", edited(|run| run.contract.profile = Some("pr".into()))),
        ("the first run is of commit fedcba, this one of", edited(|run| run.commit = Some("fedcba".into()))),
        ("that both runs are of one commit is not known", edited(|run| run.commit = None)),
        (
            "the first run was not measured: the busiest worker used",
            edited(|run| {
                run.generator.busiest_worker_cpu = Some(0.99);
            }),
        ),
        ("the first run has no proven regression to confirm", run(50, Some("one"), 10.0, 20.0)),
        ("both runs are of job two", run(51, Some("two"), 10.0, 26.0)),
    ];
    for (reason, mut first) in table {
        for (reserve, verdict) in [(26.0, Verdict::Fail), (20.0, Verdict::Pass)] {
            let mut second = run(51, Some("two"), 10.0, reserve);
            if reason.contains("profile") {
                second.contract.profile = Some("nightly".into());
            }
            let mut window = window();
            window.runs.iter_mut().for_each(|run| run.contract.profile.clone_from(&second.contract.profile));
            let policy = policy();
            first.started_at = second.started_at;
            let grounds = Grounds { window: Some(&window), ..Grounds::new(&[], &policy) };
            let judgement = judge_again(&second, &first, &grounds);
            assert_eq!(judgement.verdict, verdict, "{reason}");
            let sentence = confirmation(&judgement).sentence();
            assert!(sentence.starts_with(&format!("not confirmed: {reason}")), "{reason}: {sentence}");
        }
    }
    let neither = judged(&run(51, None, 10.0, 26.0), &run(50, None, 10.0, 26.0));
    assert_eq!(neither.verdict, Verdict::Fail);
    assert!(confirmation(&neither).sentence().contains("neither run knows its CI job"));
    let local = judged(&run(51, Some("two"), 10.0, 26.0), &run(50, None, 10.0, 26.0));
    assert_eq!(confirmation(&local).sentence(), "reserve p50 confirmed by a run outside of CI");
}

#[test]
fn neither_run_is_in_its_own_window() {
    let (first, second) = (run(50, Some("one"), 10.0, 26.0), run(51, Some("two"), 10.0, 26.0));
    let mut window = window();
    window.runs.extend([first.clone(), second.clone()]);
    let policy = policy();
    let grounds = Grounds { window: Some(&window), ..Grounds::new(&[], &policy) };
    let judgement = judge_again(&second, &first, &grounds);
    let Comparison::Made(Compared { with: Base::History(history), .. }) = &judgement.comparison else { panic!() };
    assert_eq!((history.runs, judgement.verdict), (10, Verdict::Fail));
}

/// A run that was not measured is not rescued by a first one, nor does a pass of the first rescue it.
#[test]
fn a_second_run_that_was_not_measured_stays_so() {
    let mut second = run(51, Some("two"), 10.0, 26.0);
    second.generator.busiest_worker_cpu = Some(0.99);
    let judgement = judged(&second, &run(50, Some("one"), 10.0, 26.0));
    assert_eq!(judgement.verdict, Verdict::NotMeasured);
    assert!(confirmation(&judgement).sentence().starts_with("not confirmed: this run was not measured"));
}

/// A history that is too short to block has proven nothing, in either run.
#[test]
fn a_history_that_does_not_decide_confirms_nothing() {
    let mut window = window();
    window.runs.truncate(7);
    let policy = policy();
    let grounds = Grounds { window: Some(&window), ..Grounds::new(&[], &policy) };
    let judgement = judge_again(&run(51, Some("two"), 10.0, 26.0), &run(50, Some("one"), 10.0, 26.0), &grounds);
    assert!(confirmation(&judgement).sentence().contains("no proven regression"), "{judgement:?}");
    assert_eq!(judgement.verdict, Verdict::TooNoisy, "nothing was judged");
}

/// A reference under the same load is a control of its own: the job may be the same, and what it alone fails stays failed.
#[test]
fn a_paired_run_confirms_in_any_job() {
    let paired = |rows: &[(&str, RowOutcome)]| {
        let second = run(51, Some("one"), 13.0, 26.0);
        let (window, policy) = (window(), policy());
        let mut judgement = judge(&second, &Grounds { window: Some(&window), ..Grounds::new(&[], &policy) });
        let Comparison::Made(compared) = &mut judgement.comparison else { panic!() };
        compared.with = Base::Reference(Paired {
            target: "https://base.example".into(),
            commit: None,
            pairing: Pairing { mode: ArmMode::Parallel, looks: Looks::ONE, shares: Vec::new() },
            blocks: 20,
            block: std::time::Duration::from_secs(1),
            hardware: Hardware::Assumed,
        });
        for (request, outcome) in rows {
            compared.rows.iter_mut().find(|row| row.request == *request).unwrap().outcome = *outcome;
        }
        let first = run(50, Some("one"), 10.0, 26.0);
        let of_first = judge(&first, &Grounds { window: Some(&window), ..Grounds::new(&[], &policy) });
        confirm(&first, &of_first, &second, &mut judgement);
        judgement
    };
    use RowOutcome::*;
    let both = paired(&[("seats", Fail), ("reserve", Fail)]);
    assert_eq!((both.verdict, outcomes(&both)), (Verdict::Fail, vec![Fail, Fail]));
    assert_eq!(confirmation(&both).sentence(), "reserve p50 confirmed by job one");
    let neither = paired(&[("seats", Pass), ("reserve", Pass)]);
    assert_eq!(neither.verdict, Verdict::Pass);
    assert_eq!(confirmation(&neither).sentence(), "reserve p50 failed in job one alone, not confirmed here");
}
