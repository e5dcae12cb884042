//! The nightly job against a stand-in of GitHub: its runs land on a branch, later ones are compared with them, and an issue tells
//! what waits for somebody.

use std::process::Command;
use std::thread;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use loadgate::baseline::Store;
use loadgate::measurement::{BaselineStatus, Measurement, MeasurementFile, Trend};
use serde_json::json;

use crate::gate::{Ended, Folder};
use crate::hub::{Answer, Forced, Hub, TOKEN};
use crate::servers::{Server, answer};

const PLAN: &str = "\
version: 1
name: shop
scenarios:
  browse: { executor: per-vu-iterations, vus: 5, iterations: 10, steps: [{ get: /products, name: products }] }
thresholds: { http_req_failed: [\"rate<0.01\"] }
gate: { guards: { cpu: 100%, loopLag: 1m }, baseline: { min: 5, window: 20 }, regression: { metrics: [p50] } }
";
const BRANCH: &str = "loadgate-baselines";

fn shop() -> Server {
    Server::start(|_, _, stream| {
        thread::sleep(Duration::from_millis(10));
        answer(stream, 200, "application/json", "{}");
    })
}

/// Makes a command a step of a job that the schedule started.
fn nightly(command: &mut Command, hub: &Hub, run: u64) {
    command
        .env("GITHUB_REPOSITORY", "acme/shop")
        .env("GITHUB_EVENT_NAME", "schedule")
        .env("GITHUB_API_URL", hub.url())
        .env("GITHUB_RUN_ID", run.to_string())
        .env("GITHUB_JOB", "nightly")
        .env("GITHUB_SHA", "fedcba9876543210")
        .env("GITHUB_TOKEN", TOKEN)
        .env("LOADGATE_GITHUB_TIMEOUT", "20s");
}

fn refresh(folder: &Folder, target: &str, hub: &Hub, run: u64, more: &[&str]) -> Ended {
    let mut command = folder.command(&[&["baseline", "refresh", "--target", target], more].concat());
    nightly(&mut command, hub, run);
    Ended::of(command)
}

/// Paths of the runs on a branch.
fn runs_on(hub: &Hub, branch: &str) -> Vec<String> {
    let state = hub.state();
    let of_branch = state.files.keys().filter(|(at, path)| at == branch && path.ends_with(".json"));
    of_branch.map(|(_, path)| path.clone()).collect()
}

/// A run of the plan, as if all its requests had taken so many milliseconds, so many nights ago.
fn past(run: &Measurement, nights_ago: i64, latency: f64) -> Measurement {
    let mut run = run.clone();
    let mut trend = Trend::default();
    (0..50).for_each(|_| trend.record(Duration::from_secs_f64(latency / 1000.0)));
    run.judged.requests.iter_mut().for_each(|request| request.comparable = trend.clone());
    run.started_at = Timestamp::now() - SignedDuration::from_hours(24 * nights_ago);
    run.commit = Some(format!("{:07}ffff", 1_000_000 + nights_ago));
    run.job = None;
    run
}

/// What a run of the plan looks like.
fn measured(target: &str) -> Measurement {
    let folder = Folder::with_plan(PLAN);
    folder.measure(target, &[]).expect(0, &["no baseline"]);
    MeasurementFile::read(&folder.path("loadgate-measurement.json")).expect("a measurement").candidate
}

/// Puts runs on the branch, as earlier nights would have.
fn on_branch(hub: &Hub, runs: &[(Measurement, BaselineStatus)]) {
    let folder = Folder::new();
    let store = Store::open(&folder.path("baselines"), "shop");
    let mut state = hub.state();
    state.branches.insert(BRANCH.into(), "b0".into());
    for (run, status) in runs {
        let path = store.append(run, *status, "fail: products p50").expect("a stored run");
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let content = std::fs::read(&path).expect("a run");
        state.files.insert((BRANCH.into(), format!("baselines/shop/{name}")), content);
    }
}

#[test]
fn the_first_night_makes_the_branch_and_the_next_one_lands_beside_it() {
    let (server, hub) = (shop(), Hub::start());
    let first = refresh(&Folder::with_plan(PLAN), &server.url(), &hub, 1, &[]);
    first.expect(0, &["stored as pass: baselines/shop/", "landed on the branch loadgate-baselines: baselines/shop/"]);
    assert_eq!(runs_on(&hub, BRANCH).len(), 1);
    assert_eq!(runs_on(&hub, "main"), [""; 0], "nothing lands on the default branch");
    let readme = hub.state().files.get(&(BRANCH.into(), "README.md".into())).cloned().expect("a README");
    assert!(String::from_utf8_lossy(&readme).contains("baseline show"));

    // A fresh checkout, as the next job has it.
    let folder = Folder::with_plan(PLAN);
    let second = refresh(&folder, &server.url(), &hub, 2, &[]);
    second.expect(0, &["no baseline: 1 of 5 runs", "landed on the branch loadgate-baselines"]);
    assert_eq!(runs_on(&hub, BRANCH).len(), 2);

    let mut command = folder.command(&["run", "--target", &server.url(), "--check", "never"]);
    nightly(&mut command, &hub, 3);
    Ended::of(command).expect(0, &["no baseline: 2 of 5 runs"]);
    let mut command = folder.command(&["run", "--target", &server.url(), "--check", "never", "--baseline-branch="]);
    nightly(&mut command, &hub, 4);
    Ended::of(command).expect(0, &["no baseline: 1 of 5 runs"]);
    assert!(folder.files("tmp").is_empty(), "what was fetched is removed: {:?}", folder.files("tmp"));
}

#[test]
fn a_run_is_compared_with_the_branch_and_names_its_files_as_they_lie_there() {
    let (server, hub) = (shop(), Hub::start());
    let run = measured(&server.url());
    let quiet: Vec<_> = (1..9).map(|night| (past(&run, night, 900.0), BaselineStatus::Pass)).collect();
    on_branch(&hub, &quiet);
    hub.state().files.insert((BRANCH.into(), "baselines/shop/torn.json".into()), b"{".to_vec());
    let folder = Folder::with_plan(PLAN);
    let mut command = folder.command(&["run", "--target", &server.url(), "--check", "never"]);
    nightly(&mut command, &hub, 1);
    let ended = Ended::of(command);
    ended.expect(0, &["compared with 8 of 5 runs", "left out of the baseline: baselines/shop/torn.json"]);
    assert!(!ended.all().contains("loadgate-branch-"), "{}", ended.all());
}

#[test]
fn the_first_landing_takes_along_what_the_checkout_has() {
    let (server, hub, folder) = (shop(), Hub::start(), Folder::with_plan(PLAN));
    let run = measured(&server.url());
    let store = Store::open(&folder.path("baselines"), "shop");
    (1..4).for_each(|night| drop(store.append(&past(&run, night, 10.0), BaselineStatus::Pass, "pass").expect("a run")));
    refresh(&folder, &server.url(), &hub, 1, &[]).expect(0, &["no baseline: 3 of 5 runs"]);
    assert_eq!(runs_on(&hub, BRANCH).len(), 4);
    refresh(&folder, &server.url(), &hub, 2, &[]).expect(0, &["no baseline: 4 of 5 runs"]);
    assert_eq!(runs_on(&hub, BRANCH).len(), 5, "only the new one");
}

/// Both find no branch, and both make it; conflicts come besides.
#[test]
fn two_refreshes_at_once_lose_nothing() {
    let (server, hub) = (shop(), Hub::start());
    hub.force(Forced {
        line: "PUT /repos/acme/shop/contents/".into(),
        answer: Answer::refusal(409, "is at 1 but expected 2"),
        times: 3,
        carried_out: false,
    });
    thread::scope(|scope| {
        for run in 1..=2 {
            let (server, hub) = (&server, &hub);
            scope.spawn(move || {
                let ended = refresh(&Folder::with_plan(PLAN), &server.url(), hub, run, &[]);
                ended.expect(0, &["landed on the branch loadgate-baselines"]);
            });
        }
    });
    assert_eq!(runs_on(&hub, BRANCH).len(), 2, "{:?}", hub.writes());
}

#[test]
fn a_run_whose_answer_was_lost_lands_once() {
    let (server, hub) = (shop(), Hub::start());
    hub.force(Forced {
        line: "PUT /repos/acme/shop/contents/".into(),
        answer: Answer::refusal(502, "Bad Gateway"),
        times: 1,
        carried_out: true,
    });
    let ended = refresh(&Folder::with_plan(PLAN), &server.url(), &hub, 1, &[]);
    ended.expect(0, &["landed on the branch loadgate-baselines"]);
    assert_eq!(runs_on(&hub, BRANCH).len(), 1);
}

#[test]
fn a_run_lands_where_it_is_told_to() {
    let (server, hub) = (shop(), Hub::start());
    let land = |run, way| refresh(&Folder::with_plan(PLAN), &server.url(), &hub, run, &["--land", way]);
    land(1, "commit").expect(0, &["landed on the branch main: baselines/shop/"]);
    assert_eq!(runs_on(&hub, "main").len(), 1);
    for run in 2..=3 {
        let ended = land(run, "pull-request");
        ended.expect(0, &["landed on the branch loadgate/baseline-shop", "pull request: https://github.example/pull/"]);
    }
    assert_eq!(hub.state().pulls.len(), 1, "one pull request");
    assert_eq!(runs_on(&hub, "loadgate/baseline-shop").len(), 3, "what main has, and two more");
    let before = hub.writes().len();
    let ended = land(4, "none");
    ended.expect(0, &["stored as pass"]);
    assert!(!ended.all().contains("landed"), "{}", ended.all());
    assert_eq!(hub.writes().len(), before);
}

#[test]
fn a_run_that_cannot_land_is_kept_and_its_verdict_stands() {
    let (server, hub, folder) = (shop(), Hub::start(), Folder::with_plan(PLAN));
    for line in ["POST /repos/acme/shop/git/", "POST /repos/acme/shop/issues", "PUT "] {
        let answer = Answer::refusal(403, "Resource not accessible by integration");
        hub.force(Forced { line: line.into(), answer, times: 9, carried_out: false });
    }
    let ended = refresh(&folder, &server.url(), &hub, 1, &[]);
    ended.expect(
        0,
        &[
            "pass: ",
            "warning: the run did not land: the token may not",
            "contents: write",
            "upload that folder as an artifact",
        ],
    );
    assert_eq!(folder.files("baselines").len(), 1);
}

#[test]
fn a_way_that_cannot_be_gone_is_said_before_anything_is_sent() {
    let (server, hub, folder) = (shop(), Hub::start(), Folder::with_plan(PLAN));
    let sent = |arguments: &[&str], code, text: &str| {
        refresh(&folder, &server.url(), &hub, 1, arguments).expect(code, &[text]);
    };
    let outside = tempfile::tempdir().expect("a folder");
    let outside = outside.path().to_str().expect("a path");
    sent(&["--land", "branch", "--baseline", outside], 2, "does not lie in the workspace");
    sent(&["--land", "branch", "--baseline-branch="], 2, "needs a --baseline-branch");
    folder
        .run(&["baseline", "refresh", "--target", &server.url(), "--land", "branch"])
        .expect(2, &["--land is for a GitHub job"]);
    assert_eq!(server.requests(), 0);
    sent(&["--baseline", outside], 0, "warning: the run will stay in the folder");
    assert!(runs_on(&hub, BRANCH).is_empty());
}

#[test]
fn one_issue_tells_what_waits_for_somebody_until_it_is_settled() {
    let (server, hub) = (shop(), Hub::start());
    let run = measured(&server.url());
    let wobble = |night: i64| 1.0 + 0.01 * [0.3, -1.1, 0.8, 1.6, -0.4, -1.5, 0.1][night as usize % 7];
    let mut runs: Vec<_> =
        (6..18).rev().map(|night| (past(&run, night, 900.0 * wobble(night)), BaselineStatus::Pass)).collect();
    runs.push((past(&run, 5, 1200.0), BaselineStatus::Suspect));
    let slow = |night| (past(&run, night, 1200.0 * wobble(night)), BaselineStatus::TooNoisy);
    on_branch(&hub, &runs);

    let refresh = |number| refresh(&Folder::with_plan(PLAN), &server.url(), &hub, number, &[]);
    refresh(1).expect(0, &["issue opened: https://github.example/issues/"]);
    let body = |hub: &Hub| hub.state().issues[0]["body"].as_str().unwrap_or_default().to_owned();
    let told = body(&hub);
    assert!(told.starts_with("<!-- loadgate-baseline:shop -->\n"), "{told}");
    for text in ["**Suspect.**", "--baseline ../loadgate-baselines/baselines --run 2", "/actions/runs/1/attempts/1"] {
        assert!(told.contains(text), "`{text}` is missing in:\n{told}");
    }
    assert_eq!(hub.state().issues[0]["labels"], json!([{ "name": "loadgate" }]));

    // Four slow nights decide: a step, for which the window waits.
    runs.extend((1..5).rev().map(slow));
    hub.state().files.retain(|(branch, _), _| branch != BRANCH);
    on_branch(&hub, &runs);
    refresh(2).expect(0, &["issue updated: https://github.example/issues/"]);
    let told = body(&hub);
    assert!(told.contains("**The window waits.**") && !told.contains("**Suspect.**"), "{told}");
    assert_eq!(hub.state().issues.len(), 1, "one issue");

    hub.state().files.retain(|(branch, _), _| branch != BRANCH);
    on_branch(&hub, &[(past(&run, 3, 10.0), BaselineStatus::Pass)]);
    refresh(3).expect(0, &["issue closed: https://github.example/issues/"]);
    assert_eq!(hub.state().issues[0]["state"], "closed");
    assert_eq!(hub.state().issues[0]["state_reason"], "completed");
    let writes = hub.writes().len();
    let ended = refresh(4);
    ended.expect(0, &[]);
    assert!(!ended.all().contains("issue"), "{}", ended.all());
    assert_eq!(hub.writes().len(), writes + 1, "the run alone");
}

#[test]
fn a_branch_that_cannot_be_read_is_said_and_costs_no_verdict() {
    let (server, hub, folder) = (shop(), Hub::start(), Folder::with_plan(PLAN));
    let answer = Answer::refusal(403, "Resource not accessible by integration");
    for line in ["POST /graphql", "GET /repos/acme/shop/contents/"] {
        hub.force(Forced { line: line.into(), answer: answer.clone(), times: 9, carried_out: false });
    }
    let mut command = folder.command(&["run", "--target", &server.url(), "--check", "never"]);
    nightly(&mut command, &hub, 1);
    Ended::of(command)
        .expect(0, &["pass: ", "the baselines on the branch loadgate-baselines could not be read", "contents: read"]);
}
