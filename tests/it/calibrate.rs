//! `loadgate calibrate`: gates without a difference and with a seeded one, against the demo API, and what is kept of them.

use std::fs;

use loadgate::demo::{Server, Settings};
use serde_json::Value;

use crate::gate::{Ended, Folder};
use crate::servers::closed_port;

/// Two seconds are too few blocks for a verdict, and enough to see the delay.
const PLAN: &str = "\
version: 1
name: mentors
scenarios:
  browse:
    executor: ramping-vus
    startVUs: 4
    stages: [{ duration: 2s, target: 4 }]
    gracefulStop: 1s
    steps: [{ get: /api/v1/mentors?page=0&size=20, name: browse }]
gate: { warmup: { max: 0s }, guards: { cpu: 100%, loopLag: 1m } }
";

fn demo() -> Server {
    Server::spawn_thread(Settings::default()).expect("the demo API")
}

fn calibrate(folder: &Folder, target: &str, more: &[&str]) -> Ended {
    folder.run(&[&["calibrate", "--target", target, "--seed", "7"], more].concat())
}

fn stored(folder: &Folder) -> Vec<Value> {
    let files = folder.files("baselines/mentors/calibration");
    files.iter().map(|path| serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON")).collect()
}

#[test]
fn gates_with_and_without_a_difference_are_measured_shown_and_kept() {
    let (server, folder) = (demo(), Folder::with_plan(PLAN));
    let ended = calibrate(&folder, &server.url(), &["--gates", "1", "--slow", "100%"]);
    ended.expect(
        0,
        &[
            "calibrating mentors: ",
            "against itself, seed 7",
            "2 measurements, arms parallel: at least 4s",
            "the plan's load is sent 4 times",
            "A/A, generator only",
            "+100%",
            "stored: baselines/mentors/calibration/",
        ],
    );
    let [record] = &stored(&folder)[..] else { panic!("one calibration") };
    assert_eq!((&record["schema_version"], &record["seed"]), (&1.into(), &7.into()));
    assert_eq!(record["target"], server.url());
    let gates = record["gates"].as_array().expect("gates");
    assert_eq!(gates.len(), 2);
    let figure = |gate: &Value, of: &str| gate["figures"][0][of].as_f64().expect("a figure");
    for gate in gates {
        let slowed = !gate["slow"].is_null();
        let added = gate["added"].as_f64().expect("what was added");
        let ratio = figure(gate, "candidate") / figure(gate, "base");
        // The delay is real: the answers came that much later.
        assert_eq!((added > 0.9, ratio > 1.3), (slowed, slowed), "{gate}");
    }
    // It is no run.
    folder.run(&["baseline", "show"]).expect(0, &["no runs in baselines/mentors"]);
}

#[test]
fn two_deployments_are_told_apart_from_one_and_measured_alone_too() {
    let (one, other, folder) = (demo(), demo(), Folder::with_plan(PLAN));
    let more = ["--reference", &other.url(), "--gates", "1", "--no-slow", "--alone", "1"];
    calibrate(&folder, &one.url(), &more)
        .expect(0, &["taken for the same commit", "A/A, two deployments", "target alone"]);
    let [record] = &stored(&folder)[..] else { panic!("one calibration") };
    assert_eq!((&record["target"], &record["reference"]), (&one.url().into(), &other.url().into()));
    assert!(record["alone"][0]["figures"]["browse"]["p50"].as_f64().is_some_and(|p50| p50 > 5.0), "{record}");
    let served = |server: &Server| server.stats().served.iter().map(|(_, requests)| requests).sum::<u64>();
    assert!(served(&one) > served(&other) && served(&other) > 0, "the target is loaded alone, too");
}

#[test]
fn other_machines_are_not_loaded_without_a_word() {
    let folder = Folder::with_plan(PLAN);
    let ended = calibrate(&folder, "https://preview.example", &["--gates", "10"]);
    ended.expect(2, &["the plan's load of 2s to preview.example 40 times over", "--yes"]);
    assert!(folder.files("baselines").is_empty());
    let mut behind = folder.command(&["calibrate", "--target", "http://preview.example", "--yes"]);
    behind.env("HTTP_PROXY", "http://127.0.0.1:9");
    Ended::of(behind).expect(2, &["reached through the proxy 127.0.0.1:9 (HTTP_PROXY)", "NO_PROXY"]);
    let itself = ["--reference", "http://127.0.0.1:9/path"];
    calibrate(&folder, "http://127.0.0.1:9", &itself).expect(2, &["--reference is the target itself", "leave it out"]);
    folder.run(&["calibrate"]).expect(2, &["there is no target to load"]);
    calibrate(&folder, "http://127.0.0.1:9", &["--slow", "0%"]).expect(2, &["such as 10% or 5ms"]);
}

#[test]
fn a_deployment_that_is_not_there_is_no_calibration() {
    let folder = Folder::with_plan(PLAN);
    calibrate(&folder, &closed_port(), &["--gates", "1"])
        .expect(4, &["through the delaying proxy before http://127.0.0.1:"]);
    assert!(stored(&folder).is_empty(), "nothing was measured");
}

/// A signal in the middle of the second measurement: the first one stands.
#[cfg(target_os = "linux")]
#[test]
fn what_was_measured_before_a_signal_is_kept_and_shown() {
    use std::process::Stdio;

    use rustix::process::{Pid, Signal, kill_process};

    use crate::stopping::{end, wait_until};

    let (server, folder) = (demo(), Folder::with_plan(PLAN));
    let mut command = folder.command(&["calibrate", "--target", &server.url(), "--gates", "50", "--no-slow"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    let gates = || match &stored(&folder)[..] {
        [record] => record["gates"].as_array().expect("gates").len(),
        _ => 0,
    };
    wait_until("the first gate", || gates() == 1);
    kill_process(Pid::from_child(&child), Signal::INT).expect("a signal to a child of ours");
    end(child)
        .expect(130, &["1 of 50", "A/A, generator only", "0 of 1", "interrupted: what was measured until then stands"]);
    assert_eq!(gates(), 1);
}
