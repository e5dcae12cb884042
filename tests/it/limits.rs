//! Plans that this machine can't carry: said before anything is sent, and never blamed on the target.

use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::gate::{Ended, Folder};
use crate::servers::Server;
use crate::stopping::{end, wait_until};

fn plan(vus: u64) -> String {
    format!(
        "version: 1\nname: large\nscenarios:\n  load: {{ executor: constant-vus, vus: {vus}, duration: 1s, steps: \
         [{{ get: /thing }}, {{ think: 50ms }}] }}\nthresholds: {{ http_req_failed: [\"rate<0.01\"] }}\n"
    )
}

/// The binary under limits of open files that a shell sets first: `-n 100` sets both, `-Sn 40` the soft one alone.
fn with_limits(folder: &Folder, limits: &[&str], arguments: &[&str]) -> Command {
    let binary = folder.command(arguments);
    let limits: String = limits.iter().map(|limit| format!("ulimit {limit} && ")).collect();
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("{limits} exec \"$0\" \"$@\"")).arg(binary.get_program()).args(binary.get_args());
    shell.env_clear().envs(binary.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.current_dir(folder.path("."));
    shell
}

#[test]
fn connections_that_this_machine_refuses_are_not_the_targets_failure() {
    let server = Server::answering(200, "{}");
    let folder = Folder::with_plan(&plan(200));
    let url = server.url();
    let ended = Ended::of(with_limits(
        &folder,
        &["-n 100"],
        &["run", "--target", &url, "--workers", "2", "--comment", "never"],
    ));
    ended.expect(
        3,
        &[
            "warning: the plan can need 296 open files at once (200 connections of 200 VUs), and a process may open 100 here",
            "not measured: this machine refused",
            "for want of a file descriptor (limit 100 open files)",
            "raise the hard limit of open files",
        ],
    );
    folder.run(&["judge", "loadgate-measurement.json"]).expect(3, &["not measured: this machine refused"]);
}

#[test]
fn the_soft_limit_of_open_files_is_no_limit() {
    let server = Server::answering(200, "{}");
    let folder = Folder::with_plan(&plan(60));
    let shell = with_limits(&folder, &["-n 300", "-Sn 40"], &["run", "--target", &server.url(), "--comment", "never"]);
    Ended::of(shell).expect(0, &["pass: "]);
}

#[test]
fn validate_tells_what_this_machine_has_too_little_of() {
    let folder = Folder::with_plan(&plan(5_000));
    let ended = Ended::of(with_limits(&folder, &["-n 100"], &["validate"]));
    ended
        .expect(0, &["a plan without errors", "warning, on this machine: the plan can need", "a process may open 100"]);
}

#[test]
fn what_the_system_would_kill_is_refused_before_anything_is_sent() {
    let server = Server::answering(200, "{}");
    // 4 TB at least, of the most that a scenario may have.
    let load = "{ executor: constant-vus, vus: 10000000, duration: 1s, steps: [{ get: /thing }] }";
    let scenarios: String = (0..100).map(|number| format!("  load{number}: {load}\n")).collect();
    let folder = Folder::with_plan(&format!("version: 1\nname: large\nscenarios:\n{scenarios}"));
    let ended = folder.measure(&server.url(), &[]);
    ended.expect(4, &["the plan does not fit this machine: 1000000000 VUs take at least", "more shards"]);
    assert_eq!(server.requests(), 0);
    assert!(!folder.path("loadgate-measurement.json").exists());
}

/// As many as a small machine can hold, and far more than it can make in the time that a signal has.
#[test]
fn a_ramp_to_very_many_virtual_users_starts_at_once_and_ends_at_a_signal() {
    let server = Server::answering(200, "{}");
    let folder = Folder::with_plan(
        "version: 1\nname: large\nscenarios:\n  load: { executor: ramping-vus, stages: [{ duration: 10h, target: 300000 }], \
         steps: [{ get: /thing }] }\n",
    );
    let mut command = folder.command(&["run", "--target", &server.url(), "--comment", "never"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    wait_until("the load", || server.requests() > 4);
    kill_process(Pid::from_child(&child), Signal::INT).expect("a signal to a child of ours");
    let ended = end(child);
    ended.expect(130, &["interrupted: what was measured is in", "vus_max"]);
}
