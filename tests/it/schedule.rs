//! The executors as a plan writes them, and runs that a threshold ends.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::gate::Folder;
use crate::servers::{LATENCY, Server, answer, answer_late};

const SIX: &str = r#"
version: 1
name: six
scenarios:
  per-vu: { executor: per-vu-iterations, vus: 3, iterations: 2, steps: [{ get: /per-vu }] }
  shared: { executor: shared-iterations, vus: 2, iterations: 5, steps: [{ get: /shared }] }
  constant: { executor: constant-vus, vus: 2, duration: 350ms, steps: [{ get: /constant }] }
  ramping:
    executor: ramping-vus
    startVUs: 0
    stages: [{ duration: 0s, target: 2 }, { duration: 350ms, target: 2 }]
    steps: [{ get: /ramping }]
  rate: { executor: constant-arrival-rate, rate: 20, duration: 500ms, preAllocatedVUs: 5, steps: [{ get: /rate }] }
  ramping-rate:
    executor: ramping-arrival-rate
    startRate: 20
    stages: [{ duration: 500ms, target: 20 }]
    preAllocatedVUs: 5
    steps: [{ get: /ramping-rate }]
  late: { executor: shared-iterations, startTime: 400ms, steps: [{ get: /late }] }
thresholds:
  http_req_failed: ["rate<0.01"]
"#;

/// When each path was asked for.
type Arrivals = HashMap<String, Vec<Instant>>;

#[test]
fn six_executors_side_by_side_run_as_often_as_they_say() {
    let arrivals: Arc<Mutex<Arrivals>> = Arc::default();
    let folder = Folder::with_plan(SIX);
    let log = Arc::clone(&arrivals);
    let server = Server::start(move |_, request, stream| {
        let path = request.line().trim_start_matches("GET /").to_owned();
        log.lock().unwrap_or_else(PoisonError::into_inner).entry(path).or_default().push(Instant::now());
        answer_late(stream, 200, "{}");
    });
    folder.run(&["run", "--target", &server.url()]).expect(0, &["pass: "]);
    let arrivals = arrivals.lock().unwrap_or_else(PoisonError::into_inner);
    // The first of each is its trial before the load.
    let iterations = |path: &str| arrivals.get(path).map_or(0, |times| times.len() - 1);
    assert_eq!(iterations("per-vu"), 6);
    assert_eq!(iterations("shared"), 5);
    assert_eq!(iterations("late"), 1);
    // Two users for 350 ms of 100 ms each: four iterations at most begin in that time.
    for path in ["constant", "ramping"] {
        assert!((2..=8).contains(&iterations(path)), "{path}: {}", iterations(path));
    }
    // 20 a second for half a second.
    for path in ["rate", "ramping-rate"] {
        assert!((9..=11).contains(&iterations(path)), "{path}: {}", iterations(path));
    }
    let wait = arrivals["late"][1] - arrivals["per-vu"][1];
    assert!((Duration::from_millis(300)..Duration::from_millis(700)).contains(&wait), "{wait:?}");
}

#[test]
fn a_threshold_that_aborts_ends_a_long_run_early() {
    let plan = "version: 1\nname: long\nscenarios:\n  load: { executor: constant-vus, vus: 4, duration: 60s, steps: \
                [{ get: /thing }] }\nthresholds:\n  http_req_failed: [{ threshold: \"rate<0.01\", abortOnFail: true }]\n";
    let folder = Folder::with_plan(plan);
    let server = Server::start(|number, _, stream| {
        std::thread::sleep(LATENCY);
        answer(stream, if number % 3 == 2 { 500 } else { 200 }, "application/json", "{}");
    });
    let begun = Instant::now();
    let ended = folder.run(&["run", "--target", &server.url()]);
    let took = begun.elapsed();
    ended.expect(1, &["fail: http_req_failed", "limit < 0.01, which ended the run", "status 500"]);
    assert!(took < Duration::from_secs(20), "{took:?}");
    folder.run(&["judge", "loadgate-measurement.json"]).expect(1, &["fail: http_req_failed", "ended the run"]);
}
