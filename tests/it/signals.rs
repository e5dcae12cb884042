//! SIGINT and SIGTERM, which is what a cancelled job gets: exit 130, and what was measured is kept.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::gate::{Ended, Folder};
use crate::servers::{Server, hang};

const PLAN: &str = "\
version: 1
name: long
scenarios:
  load: { executor: constant-vus, vus: 4, duration: 60s, steps: [{ get: /thing }] }
thresholds: { http_req_failed: [\"rate<0.01\"] }
";

fn start(folder: &Folder, target: &str, more: &[&str]) -> Child {
    let mut command = folder.command(&[&["run", "--target", target], more].concat());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts")
}

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).expect("a signal to a child of ours");
}

/// Waits for what must come; it is a failure if it doesn't.
#[track_caller]
fn wait_until(what: &str, mut happened: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !happened() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what} did not happen");
        thread::sleep(Duration::from_millis(5));
    }
}

/// The end of a run that got a signal; it must be soon.
fn end(child: Child) -> Ended {
    let begun = Instant::now();
    let ended = Ended::after(child.wait_with_output().expect("it ends"));
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    ended
}

#[test]
fn a_signal_during_the_load_keeps_what_was_measured() {
    for signal in [Signal::INT, Signal::TERM] {
        let server = Server::answering(200, "{}");
        let folder = Folder::with_plan(PLAN);
        let child = start(&folder, &server.url(), &["--report", "json=r.json"]);
        wait_until("the load", || server.requests() > 10);
        send(&child, signal);
        end(child).expect(130, &["interrupted: what was measured is in loadgate-measurement.json", "GET /thing"]);
        let judged = folder.run(&["judge", "loadgate-measurement.json"]);
        judged.expect(3, &["not measured: the run was interrupted after", "run it again, to its end"]);
        assert!(folder.read("r.json").contains("schema_version"));
    }
}

#[test]
fn a_signal_during_the_setup_ends_it() {
    let server = Server::start(|_, _, stream| hang(stream));
    let plan = PLAN.replace("scenarios:", "setup: { steps: [{ get: /login }] }\nscenarios:");
    let folder = Folder::with_plan(&plan);
    let child = start(&folder, &server.url(), &[]);
    wait_until("the setup", || server.requests() == 1);
    send(&child, Signal::INT);
    end(child).expect(130, &["interrupted: "]);
    folder.run(&["judge", "loadgate-measurement.json"]).expect(3, &["not measured: ", "interrupted"]);
    assert_eq!(server.requests(), 1, "nothing more was sent");
}

#[test]
fn an_interrupted_refresh_is_no_part_of_the_history() {
    let server = Server::answering(200, "{}");
    let folder = Folder::with_plan(PLAN);
    let mut command = folder.command(&["baseline", "refresh", "--target", &server.url()]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    wait_until("the load", || server.requests() > 10);
    send(&child, Signal::TERM);
    end(child).expect(130, &["interrupted: "]);
    assert!(folder.files("baselines").is_empty());
}

/// The first signal lets the reports be written; here one waits for a reader that never comes.
#[test]
fn a_second_signal_ends_the_process_at_once() {
    let server = Server::answering(200, "{}");
    let folder = Folder::with_plan(PLAN);
    let pipe = folder.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().is_ok_and(|status| status.success()), "a named pipe");
    let child = start(&folder, &server.url(), &["--report", "json=pipe"]);
    wait_until("the load", || server.requests() > 10);
    send(&child, Signal::INT);
    wait_until("the measurement", || Path::new(&folder.path("loadgate-measurement.json")).exists());
    send(&child, Signal::INT);
    let ended = end(child);
    assert_eq!(ended.code, Some(130), "{}", ended.all());
    folder.run(&["judge", "loadgate-measurement.json"]).expect(3, &["interrupted"]);
}
