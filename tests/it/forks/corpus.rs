//! Hostile artifacts, each made from a real measurement, against the real binary: whatever the artifact, there is never a
//! comment on another pull request, a mention, a check run, a command in the log, a panic, or a long wait.
//!
//! `cargo test --test it forks::corpus -- --nocapture` prints what became of each.

mod archives;
mod chance;
mod figures;
mod texts;

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::gate::{Ended, Folder};

use super::rules::{command_in, escape_in};
use super::zips::honest;
use super::{HEAD, PLAN, hub, in_job, measured, output, upload, workflow_run};

/// An artifact, and what must become of it.
pub struct Case {
    name: String,
    zip: Vec<u8>,
    expected: Expected,
}

pub enum Expected {
    /// With this in the reason.
    Refused(&'static str),
    /// It is told, as a claim.
    Claimed,
}

/// A measurement that was changed by hand.
fn changed(name: &str, expected: Expected, change: impl FnOnce(&mut Value)) -> Case {
    let mut value: Value = serde_json::from_str(measured()).expect("a measurement");
    change(&mut value);
    Case { name: name.into(), zip: honest(&value.to_string()), expected }
}

/// A file that takes the measurement's place.
fn file(name: &str, reason: &'static str, content: impl Into<Vec<u8>>) -> Case {
    let zip = super::zips::zip(&[super::zips::entry("loadgate-measurement.json", content)]);
    Case { name: name.into(), zip, expected: Expected::Refused(reason) }
}

/// A run of the binary takes less, whatever it reads.
const LONGEST: Duration = Duration::from_secs(20);
/// Of memory, in kB.
#[cfg(target_os = "linux")]
const MOST_MEMORY: i64 = 700 << 10;

#[test]
fn no_artifact_does_what_only_this_repository_may() {
    let cases: Vec<Case> = [archives::cases(), figures::cases(), texts::cases()].into_iter().flatten().collect();
    assert!(cases.len() >= 40, "{} artifacts", cases.len());
    let (mut wrong, mut longest, mut most) = (Vec::new(), Duration::ZERO, 0);
    for case in &cases {
        let Tried { told, problems, took, memory } = try_on(case);
        println!("{}: {told}", case.name);
        (longest, most) = (longest.max(took), most.max(memory.unwrap_or(0)));
        wrong.extend(problems.into_iter().map(|problem| format!("{}: {problem}", case.name)));
    }
    println!("{} artifacts, each in {longest:?} and {} MB at most", cases.len(), most >> 10);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

struct Tried {
    /// What became of the artifact, in words.
    told: String,
    /// Every rule that it broke.
    problems: Vec<String>,
    took: Duration,
    /// In kB, where the platform tells.
    memory: Option<i64>,
}

fn try_on(case: &Case) -> Tried {
    let (hub, folder) = (hub(), Folder::with_plan(PLAN));
    upload(&hub, case.zip.clone());
    let mut command = folder.command(&["comment"]);
    in_job(&mut command, &folder, &hub, "workflow_run", &workflow_run("pull_request", HEAD, "visitor/shop"));
    let begun = Instant::now();
    let (ended, memory) = run(command);
    let (took, log) = (begun.elapsed(), ended.all());
    let mut problems = Vec::new();
    let mut rule = |holds: bool, problem: String| {
        if !holds {
            problems.push(problem);
        }
    };
    rule(!log.contains("panicked"), format!("a panic: {log}"));
    rule(command_in(&log).is_none(), format!("a command in the log: {:?}", command_in(&log)));
    rule(took < LONGEST, format!("it took {took:?}"));
    rule(memory.is_none_or(|kb| kb < most_memory()), format!("it took {memory:?} kB"));
    rule(output(&folder, "verdict") == "not_measured", "an output says that something was measured".into());
    rule(hub.state().checks.is_empty(), "a check run".into());
    let left = std::fs::read_dir(folder.path("tmp")).map_or(0, Iterator::count);
    rule(left == 0, "it left files behind".into());
    let elsewhere: Vec<String> = hub.writes().into_iter().filter(|line| line != COMMENTS).collect();
    rule(elsewhere.is_empty(), format!("it wrote {elsewhere:?}"));
    for text in hub.comments().into_iter().chain([summary(&folder)]) {
        let escaped = escape_in(&text);
        rule(escaped.is_none(), format!("{} in:\n{text}", escaped.unwrap_or_default()));
    }
    let comments = hub.comments();
    let reason = ended.stderr.split_once("is refused: ").map(|(_, reason)| reason.trim_end());
    let told = match (&case.expected, ended.code) {
        (Expected::Refused(expected), Some(4)) => {
            let reason = reason.unwrap_or("for another reason");
            rule(reason.contains(expected), format!("`{expected}` is no part of: {log}"));
            rule(comments.is_empty(), "a refused artifact was told".into());
            format!("refused: {}", reason.trim_end_matches("; nothing was posted"))
        }
        (Expected::Claimed, Some(0)) => {
            let claim = "### loadgate: a claim of the fork's, not verified";
            rule(comments.len() == 1, "not told".into());
            rule(comments.iter().all(|body| body.lines().nth(1) == Some(claim)), format!("no claim: {comments:?}"));
            rule(comments.iter().all(|body| body.len() <= 65_536), "a comment over GitHub's limit".into());
            let shown = comments.iter().any(|body| body.contains("octocat"));
            format!("commented as a claim{}", if shown { ", its text escaped" } else { "" })
        }
        (_, code) => {
            rule(false, format!("exit code {code:?}: {log}"));
            format!("exit code {code:?}")
        }
    };
    Tried { told, problems, took, memory }
}

const COMMENTS: &str = "POST /repos/acme/shop/issues/7/comments";

/// The step summary, behind an empty first line: that of a comment is its marker.
fn summary(folder: &Folder) -> String {
    format!("\n{}", folder.read("summary.md"))
}

/// Runs the command; also the largest memory that it had, in kB, where the platform tells.
#[cfg(target_os = "linux")]
#[expect(clippy::zombie_processes, reason = "wait4 waits for it, and tells what it used")]
fn run(mut command: std::process::Command) -> (Ended, Option<i64>) {
    use std::io::Read;
    use std::os::unix::process::ExitStatusExt;
    use std::process::{ExitStatus, Output, Stdio};
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    let (mut out, mut err) = (child.stdout.take().expect("a pipe"), child.stderr.take().expect("a pipe"));
    let reader = std::thread::spawn(move || {
        let mut text = Vec::new();
        out.read_to_end(&mut text).expect("what it printed");
        text
    });
    let mut stderr = Vec::new();
    err.read_to_end(&mut stderr).expect("what it printed");
    let stdout = reader.join().expect("what it printed");
    let (mut status, mut usage) = (0, std::mem::MaybeUninit::<libc::rusage>::zeroed());
    let pid = libc::pid_t::try_from(child.id()).expect("a process");
    // SAFETY: both pointers are to values of ours that outlive the call; the process is a child that nobody else waits for.
    let waited = unsafe { libc::wait4(pid, &raw mut status, 0, usage.as_mut_ptr()) };
    assert_eq!(waited, pid, "the process has ended");
    // SAFETY: zeroed is a valid `rusage`, and the call has filled it.
    let memory = unsafe { usage.assume_init() }.ru_maxrss;
    (Ended::after(Output { status: ExitStatus::from_raw(status), stdout, stderr }), Some(memory))
}

#[cfg(not(target_os = "linux"))]
fn run(command: std::process::Command) -> (Ended, Option<i64>) {
    (Ended::of(command), None)
}

fn most_memory() -> i64 {
    #[cfg(target_os = "linux")]
    return MOST_MEMORY;
    #[cfg(not(target_os = "linux"))]
    i64::MAX
}
