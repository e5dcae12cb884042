//! Whole measurements of a server on loopback.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use tokio::net::TcpListener;
use tokio::runtime;

use super::*;
use crate::load::Steps;
use crate::measurement::Measurement;
use crate::metric::{Builtin, Statistic};
use crate::plan::{self, ReadOptions, Source};

/// Counts the requests for each of two paths; everything but `/` fails.
#[derive(Debug, Default)]
struct Counts {
    root: AtomicU64,
    other: AtomicU64,
}

async fn answer(State(counts): State<Arc<Counts>>, uri: Uri) -> StatusCode {
    tokio::time::sleep(Duration::from_millis(10)).await;
    let (count, status) = match uri.path() {
        "/" => (&counts.root, StatusCode::OK),
        _ => (&counts.other, StatusCode::INTERNAL_SERVER_ERROR),
    };
    count.fetch_add(1, Ordering::SeqCst);
    status
}

/// A server on a thread of its own, for as long as the test runs.
fn serve() -> (Url, Arc<Counts>) {
    let counts = Arc::new(Counts::default());
    let app = Router::new().fallback(answer).with_state(counts.clone());
    let (sender, receiver) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            sender.send(listener.local_addr().unwrap()).unwrap();
            axum::serve(listener, app).await.unwrap();
        });
    });
    (format!("http://{}", receiver.recv().unwrap()).parse().unwrap(), counts)
}

fn job(target: &Url, text: &str) -> Job {
    let source = Source { text: format!("version: 1\nname: test\n{text}"), path: "test.yaml".into() };
    let plan = plan::read(&source, &ReadOptions { env: &|_| None, ..ReadOptions::default() });
    Job {
        part: None,
        plan: Arc::new(plan.unwrap_or_else(|errors| panic!("{errors}"))),
        workload: Steps,
        target: target.clone(),
        reference: None,
        seed: 1,
        workers: 2,
        commit: None,
        ci_job: None,
        machine: crate::load::machine::machine(|_| None),
        proxies: Proxies::default(),
    }
}

/// What a run of one deployment measured.
fn alone(measured: Result<MeasurementFile, MeasureError>) -> Measurement {
    measured.unwrap().candidate
}

#[test]
fn a_warm_up_is_measured_and_not_judged() {
    let (target, counts) = serve();
    let plan = "
scenarios:
  main: { executor: per-vu-iterations, vus: 2, iterations: 3, steps: [{ get: / }] }
  later: { executor: constant-arrival-rate, rate: 4, startTime: 200ms, duration: 1s, preAllocatedVUs: 2, steps: [{ get: / }] }
gate: { warmup: { max: 1s } }
";
    let mut events = Vec::new();
    let tell = |event: Event<'_>| match event {
        Event::WarmUp { longest } => {
            events.push(format!("warm-up of {longest:?} after {}", counts.root.load(Ordering::SeqCst)))
        }
        Event::WarmedUp { settled, took } => events.push(format!("{settled} {}", took >= Duration::from_secs(1))),
        Event::Load => events.push("load".into()),
        _ => {}
    };
    let measurement = alone(measure(&job(&target, plan), &Stop::new(), tell, |_, _| None, |_| false));
    // Each scenario had its trial before.
    assert_eq!(events, ["warm-up of 1s after 2", "false true", "load"], "one second can't agree with two others");
    let [judged, unjudged] = [&measurement.judged, &measurement.unjudged].map(|tally| &tally.requests[0]);
    assert_eq!(judged.attempts, 2 * 3 + 4);
    assert!(unjudged.attempts > 2 + 10, "{}", unjudged.attempts);
    let sent = counts.root.load(Ordering::SeqCst);
    let known = judged.attempts + unjudged.attempts;
    assert!((known..=known + unjudged.interrupted).contains(&sent), "{sent} {known} {}", unjudged.interrupted);
    assert_eq!(measurement.ending, Ending::Completed);
    assert_eq!(measurement.judged.scenarios[1].iterations, 4);
    assert!(measurement.unjudged.scenarios[1].iterations >= 3, "the later scenario is warmed, too");
}

#[test]
fn a_run_without_a_warm_up_has_none() {
    let (target, counts) = serve();
    let plan = "scenarios: { main: { executor: per-vu-iterations, vus: 2, iterations: 3, steps: [{ get: / }] } }";
    let tell = |event: Event<'_>| assert!(!matches!(event, Event::WarmUp { .. }));
    let measurement = alone(measure(&job(&target, plan), &Stop::new(), tell, |_, _| None, |_| false));
    assert_eq!(counts.root.load(Ordering::SeqCst), 1 + 6);
    assert_eq!(measurement.unjudged.requests[0].attempts, 1, "the trial");
}

#[test]
fn a_warm_up_that_is_interrupted_ends_the_run() {
    let (target, _) = serve();
    let plan = "
scenarios: { main: { executor: constant-vus, vus: 2, duration: 60s, steps: [{ get: / }] } }
gate: { warmup: { max: 60s } }
";
    let stop = Stop::new();
    let started = Instant::now();
    let tell = |event: Event<'_>| match event {
        Event::WarmUp { .. } => stop.interrupt(),
        Event::Load => panic!("it went on"),
        _ => {}
    };
    let measurement = alone(measure(&job(&target, plan), &stop, tell, |_, _| None, |_| false));
    assert_eq!(measurement.ending, Ending::Interrupted);
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn failures_of_the_warm_up_are_no_evidence() {
    let (target, counts) = serve();
    // Iteration 0, which is the trial and all of the load, is well.
    let plan = "
scenarios:
  main:
    executor: per-vu-iterations
    steps:
      - get: /
      - if: iteration > 0
        then: [{ get: /broken, optional: true }]
gate: { warmup: { max: 1s } }
";
    let measurement = alone(measure(&job(&target, plan), &Stop::new(), |_| {}, |_, _| None, |_| false));
    assert!(counts.other.load(Ordering::SeqCst) > 0);
    assert_eq!(measurement.evidence, []);
}

fn beside(target: &Url, reference: &Url, text: &str) -> Job {
    Job { reference: Some(ReferenceJob::new(reference.clone())), ..job(target, text) }
}

const RATE: &str = "
scenarios: { main: { executor: constant-arrival-rate, rate: 20, duration: 1s, preAllocatedVUs: 5, steps: [{ get: / }] } }
gate: { warmup: { max: 0s } }
";

#[test]
fn a_reference_gets_the_same_load_in_the_same_run() {
    let ((target, ours), (reference, theirs)) = (serve(), serve());
    let job = beside(&target, &reference, &format!("reference: {{ mode: parallel }}{RATE}"));
    let measured = measure(&job, &Stop::new(), |_| {}, |_, _| None, |_| false).unwrap();
    let arm = measured.reference.unwrap();
    assert_eq!((arm.pairing.mode, arm.pairing.looks.taken), (ArmMode::Parallel, 1));
    for (run, url, counts) in [(&measured.candidate, target, ours), (&arm.measurement, reference, theirs)] {
        assert_eq!(run.target, url.origin().ascii_serialization());
        assert_eq!(run.judged.requests[0].attempts, 20);
        assert_eq!(counts.root.load(Ordering::SeqCst), 20 + 1, "and its trial");
    }
    assert_eq!(measured.candidate.layout, arm.measurement.layout);
}

#[test]
fn a_paired_load_goes_on_once_if_it_is_asked_to() {
    let ((target, ours), (reference, _)) = (serve(), serve());
    let job = beside(&target, &reference, RATE);
    let mut seen = Vec::new();
    let tell = |event: Event<'_>| match event {
        Event::Paired { mode, .. } => seen.push(mode.to_string()),
        Event::GoesOn => seen.push("goes on".into()),
        _ => {}
    };
    let mut asked = 0;
    let go_on = |so_far: &MeasurementFile| {
        asked += 1;
        so_far.candidate.judged.requests[0].attempts == 20
    };
    let measured = measure(&job, &Stop::new(), tell, |_, _| None, go_on).unwrap();
    assert_eq!((seen, asked), (vec!["alternating".to_owned(), "goes on".to_owned()], 1), "one host");
    let arm = measured.reference.unwrap();
    assert_eq!((arm.pairing.looks.planned, arm.pairing.looks.taken), (2, 2));
    let blocks: Vec<u32> = measured.candidate.judged.requests[0].blocks.keys().copied().collect();
    assert_eq!((blocks, measured.candidate.layout.grid.blocks()), (vec![0, 1], 2));
    assert_eq!(ours.root.load(Ordering::SeqCst), 40 + 1);
    let judged_for = measured.candidate.judged_for.as_secs_f64();
    assert!((1.8..2.6).contains(&judged_for), "each arm's own time: {judged_for}");
}

#[test]
fn errors_name_the_reference() {
    let ((target, _), (reference, _)) = (serve(), serve());
    let nobody = Url::parse("http://127.0.0.1:1").unwrap();
    let ready = format!("target: {{ ready: {{ get: /, within: 100ms }} }}{RATE}");
    for (target, reference, of_reference) in [(&target, &nobody, true), (&nobody, &reference, false)] {
        let error =
            measure(&beside(target, reference, &ready), &Stop::new(), |_| {}, |_, _| None, |_| false).unwrap_err();
        assert_eq!(error.to_string().starts_with("the reference: "), of_reference, "{error}");
    }
}

/// The control is another server, by another name: 127.0.0.1 is the deployment, localhost is not.
fn with_control(control: &str) -> String {
    format!(
        "
target: {{ headers: {{ x-secret: abc }} }}
defaults: {{ headers: {{ authorization: Bearer abc }} }}
scenarios:
  main: {{ executor: constant-arrival-rate, rate: 20, duration: 2s, preAllocatedVUs: 4, steps: [{{ get: / }}] }}
gate: {{ warmup: {{ max: 1s }}, control: {{ get: '{control}', every: 200ms }} }}
thresholds: {{ http_reqs: count>0 }}
"
    )
}

#[test]
fn a_control_is_asked_beside_the_load_and_counted_for_itself() {
    let ((target, counts), (elsewhere, asked)) = (serve(), serve());
    let control = format!("http://localhost:{}/", elsewhere.port().unwrap());
    let mut warm = 0;
    let mut live = 0;
    let tell = |event: Event<'_>| match event {
        Event::Load => warm = asked.root.load(Ordering::SeqCst),
        Event::Progress(progress) => live = live.max(progress.requests),
        _ => {}
    };
    let job = job(&target, &with_control(&control));
    let measurement = alone(measure(&job, &Stop::new(), tell, |_, _| None, |_| false));
    assert_eq!(warm, 0, "neither trial nor warm-up asks the control");
    let rows = measurement.layout.control.unwrap();
    let of = |index: usize| (&*measurement.layout.requests[index].name, &measurement.judged.requests[index]);
    let (name, control) = of(rows.request);
    assert_eq!((name, control.attempts, control.failed), ("control", 10, 0));
    assert_eq!(asked.root.load(Ordering::SeqCst), 10);
    assert!(!control.blocks.is_empty(), "what its samples are worth is known");
    assert_eq!(of(1 - rows.request).1.attempts, 40);
    let figure = |metric: Builtin| measurement.view().figure(&metric.into(), Statistic::Count);
    assert_eq!((figure(Builtin::HttpReqs), figure(Builtin::Iterations)), (Some(40.0), Some(40.0)));
    assert!(live <= 40, "{live}");
    assert!(measurement.contract.requests.contains_key("control"), "another control is another one");
    assert!(counts.root.load(Ordering::SeqCst) >= 40);
}

#[test]
fn a_control_on_the_deployments_own_host_is_refused_before_the_load() {
    let (target, counts) = serve();
    let control = format!("http://127.0.0.1:{}/ping", target.port().unwrap());
    let refused = measure(&job(&target, &with_control(&control)), &Stop::new(), |_| {}, |_, _| None, |_| false);
    let Err(MeasureError::Preflight(failure)) = refused else { panic!("{refused:?}") };
    assert!(failure.to_string().contains("is on the deployment's own host"), "{failure}");
    assert_eq!(counts.root.load(Ordering::SeqCst), 0);
}

/// Nobody is there: the run goes on, and knows nothing of its environment.
#[test]
fn a_control_that_does_not_answer_fails_nothing() {
    let (target, _) = serve();
    let text = with_control("http://localhost:1/");
    let measurement = alone(measure(&job(&target, &text), &Stop::new(), |_| {}, |_, _| None, |_| false));
    let control = &measurement.judged.requests[measurement.layout.control.unwrap().request];
    assert_eq!((control.attempts, control.failed, control.comparable.count()), (10, 10, 0));
    assert_eq!(measurement.view().figure(&Builtin::HttpReqFailed.into(), Statistic::Rate), Some(0.0));
}
