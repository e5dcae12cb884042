//! A run that the runner spoilt is measured once more, and the first measurement is kept.

use std::thread;
use std::time::Duration;

use loadgate::measurement::MeasurementFile;

use crate::gate::Folder;
use crate::servers::{Server, answer};

#[test]
fn what_the_runner_spoilt_is_measured_once_more_and_no_more_than_that() {
    let server = Server::start(|_, _, stream| {
        thread::sleep(Duration::from_millis(5));
        answer(stream, 200, "application/json", "{}");
    });
    // Nobody keeps this limit, so that the repetition is spoilt as well.
    let folder = Folder::with_plan(
        "\
version: 1
name: shop
scenarios:
  browse: { executor: constant-vus, vus: 2, duration: 300ms, steps: [{ get: /products }] }
thresholds: { http_req_failed: [\"rate<0.01\"] }
gate: { guards: { cpu: 0%, loopLag: 1m } }
",
    );
    let ended = folder.measure(&server.url(), &["--out", "run.json", "--seed", "7", "--report", "markdown=run.md"]);
    ended.expect(3, &["not measured: the busiest worker used", "measuring once more; the first is in run-first.json"]);
    assert_eq!(ended.stderr.matches("measuring once more").count(), 1);
    let seed = |name: &str| MeasurementFile::read(&folder.path(name)).expect("a measurement").candidate.seed;
    assert_eq!((seed("run-first.json"), seed("run.json")), (7, 8), "other keys than the first run sent");
    assert!(folder.read("run.md").contains("its repetition"), "the report says so");

    let once = folder.measure(&server.url(), &["--no-repeat"]);
    once.expect(3, &["not measured: the busiest worker used"]);
    assert!(!once.stderr.contains("once more"), "{}", once.stderr);
}
