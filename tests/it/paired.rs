//! Two deployments in one run: the candidate is judged by its reference, and each arm keeps to itself.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use loadgate::measurement::{Measurement, MeasurementFile};
use serde_json::Value;

use crate::gate::{Ended, Folder};
use crate::servers::{Request, Server, answer, closed_port, reset};

/// The latency of a deployment that has no other.
const LATENCY_MS: u64 = 20;

/// A server that keeps a book of its visits.
struct Deployment {
    server: Server,
    latency_ms: Arc<AtomicU64>,
    /// From now on every connection is reset.
    dead: Arc<AtomicBool>,
    book: Arc<Mutex<Vec<Visit>>>,
}

/// A request, and when it was worked on.
#[derive(Clone, Debug)]
struct Visit {
    request: Request,
    from: Instant,
    to: Instant,
}

impl Deployment {
    /// A deployment that hands out tokens with its name in them.
    fn named(name: &'static str) -> Deployment {
        Deployment::dying(name, u64::MAX)
    }

    /// One that dies after so many requests.
    fn dying(name: &'static str, after: u64) -> Deployment {
        let (latency_ms, dead) = (Arc::new(AtomicU64::new(LATENCY_MS)), Arc::new(AtomicBool::new(false)));
        let book = Arc::<Mutex<Vec<Visit>>>::default();
        let (latency, death, visits) = (Arc::clone(&latency_ms), Arc::clone(&dead), Arc::clone(&book));
        let server = Server::start(move |number, request, stream| {
            let from = Instant::now();
            if number >= after || death.load(Ordering::SeqCst) {
                death.store(true, Ordering::SeqCst);
                return reset(stream);
            }
            thread::sleep(Duration::from_millis(latency.load(Ordering::SeqCst)));
            let visit = Visit { request: request.clone(), from, to: Instant::now() };
            visits.lock().unwrap_or_else(PoisonError::into_inner).push(visit);
            answer(stream, 200, "application/json", &format!("{{\"token\":\"{name}-{number}\"}}"));
        });
        Deployment { server, latency_ms, dead, book }
    }

    fn with_latency(self, milliseconds: u64) -> Deployment {
        self.latency_ms.store(milliseconds, Ordering::SeqCst);
        self
    }

    fn url(&self) -> String {
        self.server.url()
    }

    /// The visits to a path, in the order in which they were answered.
    fn visits(&self, line: &str) -> Vec<Visit> {
        let book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        book.iter().filter(|visit| visit.request.line() == line).cloned().collect()
    }
}

impl Visit {
    fn header(&self, name: &str) -> Option<&str> {
        let headers = self.request.head.lines().filter_map(|line| line.split_once(':'));
        headers.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
    }
}

/// A load of one request: ten in a block of one second are enough for its median, and a machine that is busy with other tests
/// is no reason for no verdict. A rate that might have changed is not extended.
fn plan(seconds: u64, more: &str) -> String {
    format!(
        "\
version: 1
name: pair
reference: {{ mode: parallel }}
scenarios:
  browse:
    executor: ramping-arrival-rate
    startRate: 50
    stages: [{{ duration: {seconds}s, target: 50 }}]
    preAllocatedVUs: 50
    steps: [{{ get: /products, name: products }}]
gate:
  warmup: {{ max: 0s }}
  regression: {{ tolerance: 50%, failureTolerance: 5%, metrics: [p50, failed] }}
  guards: {{ cpu: 100%, loopLag: 1m, dropped: 50% }}
{more}"
    )
}

/// Long enough for the fewest blocks that are judged.
const JUDGED_SECONDS: u64 = 9;

const FAST_ENOUGH: &str = "thresholds: { \"http_req_duration{name:products}\": [\"p(95)<300\"] }\n";

/// A paired run with a JSON report.
fn run(folder: &Folder, candidate: &str, reference: &str) -> Ended {
    folder.measure(candidate, &["--reference", reference, "--report", "json=report.json"])
}

fn report(folder: &Folder) -> Value {
    serde_json::from_str(&folder.read("report.json")).expect("a report of JSON")
}

fn arms(folder: &Folder) -> (Measurement, Measurement) {
    let file = MeasurementFile::read(&folder.path("loadgate-measurement.json")).expect("a measurement");
    (file.candidate, file.reference.expect("the other arm").measurement)
}

/// Judging the file says what the run has said.
#[track_caller]
fn judged_alike(folder: &Folder, run: &Ended) {
    let again = folder.run(&["judge", "loadgate-measurement.json", "--report", "json=again.json"]);
    assert_eq!((again.code, again.headline()), (run.code, run.headline()), "{}", again.all());
    let again: Value = serde_json::from_str(&folder.read("again.json")).expect("a report of JSON");
    assert_eq!(again["comparison"], report(folder)["comparison"]);
}

#[test]
fn equal_deployments_pass_and_both_are_in_the_file() {
    let (candidate, reference) = (Deployment::named("candidate"), Deployment::named("reference"));
    let folder = Folder::with_plan(&plan(JUDGED_SECONDS, FAST_ENOUGH));
    let ended = run(&folder, &candidate.url(), &reference.url());
    ended.expect(0, &["pass: "]);
    let report = report(&folder);
    assert_eq!(report["verdict"], "pass");
    assert_eq!(report["comparison"]["with"], "reference");

    let (measured, base) = arms(&folder);
    assert_eq!((measured.target, base.target), (candidate.url(), reference.url()));
    for (arm, attempts) in
        [("candidate", measured.judged.requests[0].attempts), ("reference", base.judged.requests[0].attempts)]
    {
        let due = 50 * JUDGED_SECONDS;
        assert!((due / 2..=2 * due + 1).contains(&attempts), "{arm}: {attempts} requests");
    }
    judged_alike(&folder, &ended);
}

#[test]
fn a_slower_candidate_fails() {
    let (candidate, reference) = (Deployment::named("candidate").with_latency(60), Deployment::named("reference"));
    let folder = Folder::with_plan(&plan(JUDGED_SECONDS, FAST_ENOUGH));
    let ended = run(&folder, &candidate.url(), &reference.url());
    ended.expect(1, &["fail: products p50"]);
    let report = report(&folder);
    let row = &report["comparison"]["rows"][0];
    assert_eq!((&row["request"], &row["metric"], &row["outcome"]), (&"products".into(), &"p50".into(), &"fail".into()));
    let change = row["change"].as_f64().expect("a change");
    assert!((1.0..3.0).contains(&change), "60 ms for 20 ms: {change}");
    let interval = &row["interval"];
    assert!(interval[0].as_f64() <= Some(change) && interval[1].as_f64() >= Some(change), "{interval} around {change}");
    judged_alike(&folder, &ended);
}

/// Nothing is loaded where there is nothing to compare with.
#[test]
fn a_reference_that_is_dead_is_an_error() {
    let candidate = Deployment::named("candidate");
    let folder = Folder::with_plan(&plan(JUDGED_SECONDS, FAST_ENOUGH));
    let dead = closed_port();
    let ended = run(&folder, &candidate.url(), &dead);
    // Place, problem and cure.
    ended.expect(4, &["reference", dead.trim_start_matches("http://"), "nothing listens there"]);
    assert!(candidate.server.requests() <= 2, "{} requests to the candidate", candidate.server.requests());
}

#[test]
fn an_address_that_is_none_is_wrong_usage() {
    let candidate = Deployment::named("candidate");
    let folder = Folder::with_plan(&plan(1, ""));
    for reference in ["not-a-url", "ftp://127.0.0.1"] {
        run(&folder, &candidate.url(), reference).expect(2, &["--reference"]);
    }
    assert_eq!(candidate.server.requests(), 0);
}

/// What can't be compared is not green, though the candidate's own thresholds hold.
#[test]
fn a_reference_that_dies_in_the_middle_is_no_pass() {
    let (candidate, reference) = (Deployment::named("candidate"), Deployment::dying("reference", 75));
    let folder = Folder::with_plan(&plan(3, FAST_ENOUGH));
    let ended = run(&folder, &candidate.url(), &reference.url());
    assert!(reference.dead.load(Ordering::SeqCst), "the reference has had fewer requests than it lives for");
    ended.expect(3, &["not measured: ", "reference"]);
    let report = report(&folder);
    assert_eq!(report["verdict"], "not_measured");
    // What was measured of the candidate is kept.
    let (measured, base) = arms(&folder);
    assert_eq!(measured.judged.requests[0].failed, 0);
    assert!(measured.judged.requests[0].attempts >= 75, "{:?}", measured.judged.requests[0].attempts);
    assert!(base.judged.requests[0].failed > 0);
}

#[test]
fn thresholds_are_the_candidates_alone() {
    for (candidate_ms, reference_ms, holds) in [(LATENCY_MS, 500, true), (500, LATENCY_MS, false)] {
        let candidate = Deployment::named("candidate").with_latency(candidate_ms);
        let reference = Deployment::named("reference").with_latency(reference_ms);
        let folder = Folder::with_plan(&plan(2, FAST_ENOUGH));
        let ended = run(&folder, &candidate.url(), &reference.url());
        assert_eq!(report(&folder)["thresholds"][0]["passed"], holds, "{candidate_ms} ms: {}", ended.all());
        let fails = ended.headline().starts_with("fail: http_req_duration");
        assert_eq!((ended.code == Some(1), fails), (!holds, !holds), "{candidate_ms} ms: {}", ended.all());
    }
}

const KEEPING_TO_ITSELF: &str = "\
version: 1
name: pair
target: { headers: { X-Both: both } }
reference: { mode: parallel, headers: { X-Bypass: reference-alone } }
setup:
  steps:
    - repeat: { count: 5 }
      steps: [{ post: /token, name: token, collect: { tokens: \"body.token\" } }]
teardown:
  steps: [{ delete: /tokens, name: cleanup }]
scenarios:
  browse:
    executor: constant-vus
    vus: 4
    duration: 1s
    let: { token: \"${pick(tokens)}\" }
    headers: { X-Token: \"${token}\" }
    steps: [{ get: /products, name: products }]
gate:
  warmup: { max: 1s }
  guards: { cpu: 100%, loopLag: 1m }
";

/// Setup, teardown and headers are each arm's own.
#[test]
fn an_arm_takes_nothing_to_the_other() {
    let (candidate, reference) = (Deployment::named("candidate"), Deployment::named("reference"));
    let folder = Folder::with_plan(KEEPING_TO_ITSELF);
    let ended = run(&folder, &candidate.url(), &reference.url());
    assert!(matches!(ended.code, Some(0 | 1)), "{}", ended.all());
    for (deployment, name, bypass) in
        [(&candidate, "candidate", None), (&reference, "reference", Some("reference-alone"))]
    {
        let setup = deployment.visits("POST /token").len();
        assert!(setup >= 5, "{name}: {setup} tokens");
        assert_eq!(deployment.visits("DELETE /tokens").len(), 1, "{name}: its teardown");
        let visits = deployment.visits("GET /products");
        assert!(visits.len() > 10, "{name}: {} requests", visits.len());
        for visit in &visits {
            let token = visit.header("x-token").unwrap_or_default();
            assert!(token.starts_with(&format!("{name}-")), "{name} was shown the token `{token}`");
        }
        let book = deployment.book.lock().unwrap_or_else(PoisonError::into_inner);
        for visit in book.iter() {
            assert_eq!(visit.header("x-bypass"), bypass, "{name}: {}", visit.request.head);
            assert_eq!(visit.header("x-both"), Some("both"), "{name}: {}", visit.request.head);
        }
    }
}

/// In turn, the deployments are never loaded at once, and each gets its whole load.
#[track_caller]
fn never_meet(reference: &str, seconds: u64) {
    let (candidate, base) = (Deployment::named("candidate"), Deployment::named("reference"));
    let folder = Folder::with_plan(&plan(seconds, "").replace("reference: { mode: parallel }\n", reference));
    let ended = run(&folder, &candidate.url(), &base.url());
    ended.expect(0, &[]);
    assert_eq!(report(&folder)["comparison"]["mode"], "alternating");
    // The trial before the load is one iteration of each.
    let load = |deployment: &Deployment| deployment.visits("GET /products").split_off(1);
    let (ours, theirs) = (load(&candidate), load(&base));
    for (arm, visits) in [("candidate", &ours), ("reference", &theirs)] {
        let due = 50 * seconds as usize;
        assert!((due / 2..=2 * due + 10).contains(&visits.len()), "{arm}: {} requests", visits.len());
    }
    let meeting = ours.iter().flat_map(|a| theirs.iter().map(move |b| (a, b)));
    let met = meeting.filter(|(a, b)| a.from < b.to && b.from < a.to).count();
    assert_eq!(met, 0, "{met} requests were under way while the other arm had one");
}

#[test]
fn alternating_arms_never_meet() {
    never_meet("reference: { mode: alternating }\n", 2);
}

#[test]
fn deployments_on_one_host_take_turns() {
    never_meet("", 1);
}
