//! What loadgate measures is taken for a measurement, whatever became of the run: a rule that refused an honest one would be
//! a rule too many.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use loadgate::measurement::{ErrorClass, claim};

use crate::gate::Folder;
use crate::servers::{Server, answer, hang, reset};

const PLAN: &str = "\
version: 1
name: shop
reference: { mode: parallel }
scenarios:
  browse:
    executor: constant-arrival-rate
    rate: 60
    duration: 700ms
    preAllocatedVUs: 30
    maxVUs: 30
    steps:
      - { get: /late, name: late, timeout: 100ms }
      - { get: /cut, name: cut, check: { found: \"status == 200\" } }
      - { get: /wrong, name: wrong }
thresholds: { \"http_req_duration{name:late}\": [\"p(95)<5000\"] }
gate: { warmup: { max: 0s }, guards: { cpu: 100%, loopLag: 1m, dropped: 100% } }
";

/// After the first ones every third answer of each kind is late, cut off, or wrong.
fn moody() -> Server {
    let seen = [const { AtomicU64::new(0) }; 3];
    Server::start(move |_, request, stream| {
        thread::sleep(Duration::from_millis(5));
        let kind = ["GET /late", "GET /cut", "GET /wrong"].iter().position(|line| request.line() == *line).unwrap_or(2);
        let number = seen[kind].fetch_add(1, Ordering::SeqCst);
        match (number > 4 && number % 3 == 0, kind) {
            (false, _) => answer(stream, 200, "application/json", "{}"),
            (true, 0) => hang(stream),
            (true, 1) => reset(stream),
            (true, _) => answer(stream, 500, "application/json", "{}"),
        }
    })
}

#[test]
fn a_run_whose_requests_failed_in_every_way_adds_up() {
    for paired in [false, true] {
        let (candidate, base, folder) = (moody(), moody().url(), Folder::with_plan(PLAN));
        let arguments: &[&str] = if paired { &["--reference", &base] } else { &[] };
        folder.measure(&candidate.url(), arguments);
        let json = folder.read("loadgate-measurement.json");
        let file = claim::read(json.as_bytes(), Timestamp::now()).unwrap_or_else(|error| panic!("{error}:\n{json}"));
        assert_eq!(file.reference.is_some(), paired);
        let rows = &file.candidate.judged.requests;
        assert!(rows[0].errors_of(ErrorClass::Timeout) > 0, "nothing was late:\n{json}");
        assert!(rows[1].failed > 0 && rows[1].responses > 0, "nothing was cut off:\n{json}");
        assert!(!rows[2].unexpected.is_empty(), "nothing was wrong:\n{json}");
    }
}
