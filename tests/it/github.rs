//! Runs of a pull request's job against a stand-in of GitHub's API: comment, summary, outputs; and what happens without.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::gate::{Ended, Folder};
use crate::hub::{Answer, Forced, Hub, TOKEN};
use crate::servers::{Server, answer, closed_port, hang};

const PLAN: &str = "\
version: 1
name: shop
scenarios:
  browse: { executor: constant-vus, vus: 4, duration: 300ms, steps: [{ get: /products, name: products }] }
thresholds: { http_req_failed: [\"rate<0.01\"] }
";
const MARKER: &str = "<!-- loadgate:shop -->";

/// Makes a command a step of a job of pull request 7.
pub fn on_pull_request(command: &mut Command, folder: &Folder, api: &str, token: &str) {
    on_pull_request_of(command, folder, api, token, "acme/shop");
}

pub fn on_pull_request_of(command: &mut Command, folder: &Folder, api: &str, token: &str, head: &str) {
    let event = json!({ "pull_request": {
        "number": 7,
        "head": { "sha": "0123456789abcdef", "ref": "faster", "repo": { "full_name": head } },
        "base": { "sha": "fedcba9876543210", "ref": "main", "repo": { "full_name": "acme/shop" } },
    } });
    folder.write("event.json", &event.to_string());
    command
        .env("GITHUB_REPOSITORY", "acme/shop")
        .env("GITHUB_EVENT_NAME", "pull_request")
        .env("GITHUB_EVENT_PATH", folder.path("event.json"))
        .env("GITHUB_API_URL", api)
        .env("GITHUB_RUN_ID", "100")
        .env("GITHUB_JOB", "gate")
        .env("GITHUB_STEP_SUMMARY", folder.path("summary.md"))
        .env("GITHUB_OUTPUT", folder.path("output"))
        .env("LOADGATE_GITHUB_TIMEOUT", "1s");
    if !token.is_empty() {
        command.env("GITHUB_TOKEN", token);
    }
}

/// A run of the pull request's job; its summary is in the folder.
fn gate(folder: &Folder, target: &str, api: &str, token: &str, head: &str, more: &[&str]) -> Ended {
    let arguments = [&["run", "--target", target, "--report", "markdown=report.md"], more].concat();
    let mut command = folder.command(&arguments);
    on_pull_request_of(&mut command, folder, api, token, head);
    Ended::of(command)
}

#[test]
fn the_first_run_comments_and_the_next_one_updates_its_comment() {
    let (server, hub, folder) = (Server::answering(200, "{}"), Hub::start(), Folder::with_plan(PLAN));
    let target = server.url();
    gate(&folder, &target, &hub.url(), TOKEN, "acme/shop", &[])
        .expect(0, &["pass: ", "https://github.example/comments/0"]);
    let failing = Server::start(|number, _, stream| {
        std::thread::sleep(crate::servers::LATENCY);
        answer(stream, if number % 4 == 3 { 500 } else { 200 }, "application/json", "{}");
    });
    let ended = gate(&folder, &failing.url(), &hub.url(), TOKEN, "acme/shop", &[]);
    ended.expect(1, &["comment updated: https://github.example/comments/0"]);
    let writes: Vec<String> = hub.writes().into_iter().filter(|line| line.contains("/comments")).collect();
    assert_eq!(writes[0], "POST /repos/acme/shop/issues/7/comments");
    assert!(writes[1..].iter().all(|line| line == "PATCH /repos/acme/shop/issues/comments/0"), "{writes:?}");
    let comments = hub.comments();
    assert_eq!(comments.len(), 1);
    let mut lines = comments[0].lines();
    assert_eq!(lines.next(), Some(MARKER));
    assert!(lines.next().is_some_and(|line| line.contains("fail")), "the verdict comes first:\n{}", comments[0]);
    for text in [r"http\_req\_failed", "| --- |", "loadgate run loadgate.yml --target"] {
        assert!(comments[0].contains(text), "`{text}` is missing in:\n{}", comments[0]);
    }
}

#[test]
fn a_job_gets_a_summary_and_outputs() {
    let (server, hub, folder) = (Server::answering(200, "{}"), Hub::start(), Folder::with_plan(PLAN));
    gate(&folder, &server.url(), &hub.url(), TOKEN, "acme/shop", &["--out", "run.json"]).expect(0, &[]);
    assert!(folder.read("summary.md").contains("pass"));
    let output = folder.read("output");
    let lines: Vec<&str> = output.lines().collect();
    for (name, value) in [("verdict", "pass"), ("measurement", "run.json"), ("report", "report.md")] {
        let block = lines.windows(3).rfind(|block| block[0].starts_with(&format!("{name}<<")));
        let block = block.unwrap_or_else(|| panic!("{name} is missing in:\n{output}"));
        assert_eq!((block[1], block[2]), (value, &block[0][name.len() + 2..]));
    }
    let measured: Value = serde_json::from_str(&folder.read("run.json")).expect("a measurement");
    assert_eq!(measured["candidate"]["commit"], "0123456789abcdef", "the head of the pull request");
    assert_eq!(measured["candidate"]["job"], "100/1/gate");
}

#[test]
fn where_a_comment_is_not_wanted_or_not_possible_nothing_is_asked_of_github() {
    let server = Server::answering(200, "{}");
    let cases: &[(&str, &str, &[&str], &[&str])] = &[
        ("acme/shop", TOKEN, &["--comment", "never", "--check", "never"], &["pass: "]),
        ("fork/shop", TOKEN, &[], &["pass: ", "no comment: ", "fork"]),
        ("acme/shop", "", &[], &["pass: ", "no comment: ", "GITHUB_TOKEN"]),
        ("acme/shop", "", &["--comment", "always"], &["pass: ", "warning: no comment: ", "GITHUB_TOKEN"]),
    ];
    for (head, token, arguments, texts) in cases {
        let (hub, folder) = (Hub::start(), Folder::with_plan(PLAN));
        let ended =
            gate(&folder, &server.url(), &hub.url(), token, head, &[*arguments, &["--baseline-branch="]].concat());
        ended.expect(0, texts);
        assert_eq!(hub.server.requests(), 0, "{head} {arguments:?}");
        let summary = folder.read("summary.md");
        assert!(summary.contains("pass"), "{summary}");
        assert_eq!(summary.contains("fork"), *head == "fork/shop", "{summary}");
    }
}

/// The verdict and its exit code are what they were; the summary has them; the warning names the cure.
#[test]
fn a_comment_that_fails_is_a_warning() {
    type Case = (&'static str, &'static str, fn() -> String, &'static [&'static str]);
    let cases: &[Case] = &[
        ("401", "ghs_other", || Hub::start().url(), &["doesn't accept the token (401: Bad credentials)", "expired"]),
        (
            "403",
            TOKEN,
            || refusing(403, r#"{"message":"Resource not accessible by integration"}"#),
            &["the token may not", "403: Resource not accessible by integration", "pull-requests: write"],
        ),
        ("404", TOKEN, || refusing(404, r#"{"message":"Not Found"}"#), &["404: Not Found", "check the repository"]),
        ("500", TOKEN, || refusing(502, "<html>bad gateway</html>"), &["502", "githubstatus.com"]),
        ("garbage", TOKEN, || refusing(200, "<html>hello</html>"), &["not understood", "GITHUB_API_URL"]),
        ("refused", TOKEN, closed_port, &["could not be reached", "Connection refused", "the runner's network"]),
        ("hanging", TOKEN, || Server::start(|_, _, stream| hang(stream)).url(), &["did not answer within 1 s"]),
    ];
    let server = Server::answering(200, "{}");
    for (name, token, api, texts) in cases {
        println!("{name}");
        let folder = Folder::with_plan(PLAN);
        let begun = Instant::now();
        let ended = gate(&folder, &server.url(), &api(), token, "acme/shop", &[]);
        ended.expect(0, &[&["pass: ", "warning: no comment: "], *texts].concat());
        assert!(begun.elapsed() < Duration::from_secs(30), "{name}: {:?}", begun.elapsed());
        assert!(folder.read("summary.md").contains("pass") && folder.read("output").contains("verdict<<"));
        assert!(!ended.all().contains(token), "the token is printed");
    }
}

/// What GitHub did although its answer was lost is found, and not done again.
#[test]
fn a_lost_answer_makes_no_second_comment() {
    let (server, hub, folder) = (Server::answering(200, "{}"), Hub::start(), Folder::with_plan(PLAN));
    let line = "POST /repos/acme/shop/issues/7/comments";
    let late = Answer::refusal(403, "You have exceeded a secondary rate limit.").with_header("retry-after", "0");
    hub.force(Forced { line: line.into(), answer: late, times: 1, carried_out: false });
    let lost = Answer::refusal(502, "Bad Gateway");
    hub.force(Forced { line: line.into(), answer: lost, times: 1, carried_out: true });
    let mut command = folder.command(&["run", "--target", &server.url()]);
    on_pull_request(&mut command, &folder, &hub.url(), TOKEN);
    command.env("LOADGATE_GITHUB_TIMEOUT", "20s");
    Ended::of(command).expect(0, &["comment updated: https://github.example/comments/0"]);
    let writes: Vec<String> = hub.writes().into_iter().filter(|line| line.contains("/comments")).collect();
    assert_eq!(writes, [line, line, "PATCH /repos/acme/shop/issues/comments/0"]);
    assert_eq!(hub.comments().len(), 1);
}

/// The verdict of a failed run stays a failure too.
#[test]
fn a_comment_that_fails_does_not_hide_a_failed_gate() {
    let server = Server::answering(200, "{}");
    let folder = Folder::with_plan(&PLAN.replace("http_req_failed: [\"rate<0.01\"]", "http_reqs: [\"count>100000\"]"));
    let ended = gate(&folder, &server.url(), &closed_port(), TOKEN, "acme/shop", &[]);
    ended.expect(1, &["fail: http_reqs", "warning: no comment", "::error title=loadgate"]);
    assert!(folder.read("summary.md").contains("fail"));
}

/// GraphQL refuses, so that every request of the comment is answered alike.
fn refusing(status: u16, body: &'static str) -> String {
    Server::start(move |_, _, stream| answer(stream, status, "application/json", body)).url()
}

#[test]
fn an_environment_that_github_would_not_write_is_named_before_anything_is_sent() {
    let server = Server::answering(200, "{}");
    let folder = Folder::with_plan(PLAN);
    let run = |name: &str, value: &str| {
        let mut command = folder.command(&["run", "--target", &server.url()]);
        on_pull_request(&mut command, &folder, "https://api.github.example", TOKEN);
        command.env(name, value);
        Ended::of(command)
    };
    run("GITHUB_REPOSITORY", "acme").expect(4, &["GITHUB_REPOSITORY is `acme`", "owner/name"]);
    run("GITHUB_API_URL", "nowhere").expect(4, &["GITHUB_API_URL is `nowhere`", "URL"]);
    run("GITHUB_EVENT_PATH", "missing.json").expect(4, &["GITHUB_EVENT_PATH", "missing.json", "No such file"]);
    folder.write("torn.json", "{\"pull_request\":");
    run("GITHUB_EVENT_PATH", "torn.json").expect(4, &["torn.json", "pull_request"]);
    assert_eq!(server.requests(), 0);
}
