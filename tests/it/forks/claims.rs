//! `loadgate comment`: what the default branch's workflow tells of a fork's own measurement.

use serde_json::json;

use crate::gate::{Ended, Folder};
use crate::hub::{Answer, Comment, Forced, Pull};
use crate::servers::{LATENCY, Server, answer};

use super::zips::{entry, honest, zip};
use super::{HEAD, OTHER, PLAN, comment, hub, in_job, measure, measured, output, upload, workflow_run};

const CREATED: &str = "POST /repos/acme/shop/issues/7/comments";

#[test]
fn a_forks_measurement_is_told_as_its_claim_and_updated_in_place() {
    let (hub, folder) = (hub(), Folder::with_plan(PLAN));
    upload(&hub, honest(measured()));
    comment(&folder, &hub, &[]).expect(0, &["commented: https://github.example/comments/0"]);
    assert_eq!(hub.writes(), [CREATED]);
    let body = hub.comments().remove(0);
    let mut lines = body.lines();
    assert_eq!(lines.next(), Some("<!-- loadgate-claim:shop -->"));
    assert_eq!(lines.next(), Some("### loadgate: a claim of the fork's, not verified"));
    for text in ["commit 0123456789ab", "**No check rests on them.**", "they would pass", "actions/runs/500"] {
        assert!(body.contains(text), "`{text}` is missing in:\n{body}");
    }
    assert!(!body.contains("loadgate run"), "no command with the fork's URL:\n{body}");
    assert_eq!(output(&folder, "verdict"), "not_measured", "nothing was measured here");
    assert!(folder.read("summary.md").contains("a claim of the fork's"));
    comment(&folder, &hub, &[]).expect(0, &["comment updated: https://github.example/comments/0"]);
    assert_eq!(hub.comments().len(), 1);
    assert!(hub.state().checks.is_empty());
}

#[test]
fn the_default_branchs_plan_judges() {
    let failing = Server::start(|number, _, stream| {
        std::thread::sleep(LATENCY);
        answer(stream, if number % 2 == 1 { 500 } else { 200 }, "application/json", "{\"secret\":\"@octocat\"}");
    });
    let json = measure(&failing.url(), 1);
    let (hub, folder) = (hub(), Folder::with_plan(PLAN));
    upload(&hub, honest(&json));
    comment(&folder, &hub, &[]).expect(0, &["commented"]);
    let body = hub.comments().remove(0);
    assert!(body.contains("they would fail") && !body.contains("octocat"), "{body}");
    let loose = PLAN.replace("rate<0.01", "rate<0.9");
    let folder = Folder::with_plan(&loose);
    comment(&folder, &hub, &[]).expect(0, &["comment updated"]);
    assert!(hub.comments()[0].contains("they would pass"), "{}", hub.comments()[0]);
}

/// A claim stands beside what was measured here, never in its place.
#[test]
fn a_trusted_comment_stays_what_it_is() {
    let (hub, folder) = (hub(), Folder::with_plan(PLAN));
    let trusted = "<!-- loadgate:shop -->\nfail";
    hub.state().comments.push(Comment {
        id: 0,
        issue: 7,
        body: trusted.into(),
        login: crate::hub::BOT.into(),
        kind: "Bot".into(),
    });
    upload(&hub, honest(measured()));
    comment(&folder, &hub, &[]).expect(0, &["commented"]);
    assert_eq!(hub.comments()[0], trusted);
    assert_eq!(hub.writes(), [CREATED]);
}

#[test]
fn a_file_is_read_as_the_artifact_is() {
    let folder = Folder::with_plan(PLAN);
    folder.write("claimed.json", measured());
    std::fs::write(folder.path("claimed.zip"), honest(measured())).expect("a file");
    for name in ["claimed.json", "claimed.zip"] {
        let hub = hub();
        comment(&folder, &hub, &[name]).expect(0, &["commented"]);
        assert_eq!(hub.writes(), [CREATED], "{name}");
    }
    comment(&folder, &hub(), &["missing.json"]).expect(4, &["missing.json can't be read"]);
}

#[test]
fn an_artifact_may_hold_reports_beside_the_measurement() {
    let (hub, folder) = (hub(), Folder::with_plan(PLAN));
    let files = [
        entry("out/", ""),
        entry("out/loadgate-measurement.json", measured()),
        entry("out/report.json", "{}"),
        entry("report.md", "pass"),
    ];
    upload(&hub, zip(&files));
    comment(&folder, &hub, &[]).expect(0, &["commented"]);
}

/// Exit code 0, a line that says why, and nothing written.
#[test]
fn where_there_is_nothing_to_tell_nothing_is_written() {
    type Change = fn(&crate::hub::Hub);
    let fork = || workflow_run("pull_request", HEAD, "visitor/shop");
    let cases: &[(&str, serde_json::Value, Change, &str)] = &[
        ("superseded", fork(), |hub| hub.state().pulls[0].head_sha = OTHER.into(), "superseded: #7 has a newer commit"),
        ("closed", fork(), |hub| hub.state().pulls[0].state = "closed".into(), "no open pull request has the head"),
        ("none", fork(), |hub| drop(hub.state().pulls.remove(0)), "no open pull request has the head"),
        (
            "two branches of base",
            fork(),
            |hub| {
                let again = Pull { head_repo: "visitor/shop".into(), ..Pull::new(10, HEAD, OTHER) };
                hub.state().pulls.push(again);
            },
            "is the head of 2 open pull requests",
        ),
        ("a push", workflow_run("push", HEAD, "visitor/shop"), |_| {}, "started by `push`"),
        ("our own branch", workflow_run("pull_request", OTHER, "acme/shop"), |_| {}, "this repository's own branch"),
        ("nothing uploaded", fork(), |hub| hub.state().artifacts.clear(), "has uploaded no artifact `loadgate`"),
        ("another name", fork(), |hub| hub.state().artifacts[0].name = "logs".into(), "no artifact `loadgate`"),
    ];
    for (name, payload, change, why) in cases {
        println!("{name}");
        let (hub, folder) = (hub(), Folder::with_plan(PLAN));
        upload(&hub, honest(measured()));
        change(&hub);
        let mut command = folder.command(&["comment"]);
        in_job(&mut command, &folder, &hub, "workflow_run", payload);
        Ended::of(command).expect(0, &["no comment: ", why]);
        assert_eq!(hub.writes(), [""; 0], "{name}");
        assert_eq!(output(&folder, "verdict"), "not_measured");
    }
}

/// The pull request is the one of the run's own repository, however many others have the commit.
#[test]
fn another_forks_run_with_the_same_commit_speaks_for_its_own_pull_request_alone() {
    let (hub, folder) = (hub(), Folder::with_plan(PLAN));
    upload(&hub, honest(measured()));
    let mut command = folder.command(&["comment"]);
    in_job(&mut command, &folder, &hub, "workflow_run", &workflow_run("pull_request", HEAD, "mallory/shop"));
    Ended::of(command).expect(0, &["commented"]);
    assert_eq!(hub.writes(), ["POST /repos/acme/shop/issues/9/comments"]);
}

/// Whether GitHub finds it by its branch, beside a namesake of the same owner, or by its commit alone.
#[test]
fn the_pull_request_is_found_by_commit_and_repository() {
    let namesake = || Pull { head_repo: "visitor/shop-2".into(), ..Pull::new(12, HEAD, OTHER) };
    for (name, branch) in
        [("by its branch", json!("faster")), ("by its commit", json!(null)), ("renamed", json!("old"))]
    {
        println!("{name}");
        let (hub, folder) = (hub(), Folder::with_plan(PLAN));
        hub.state().pulls.insert(0, namesake());
        upload(&hub, honest(measured()));
        let mut payload = workflow_run("pull_request", HEAD, "Visitor/Shop");
        payload["workflow_run"]["head_branch"] = branch;
        if name == "by its branch" {
            payload["workflow_run"]["head_repository"]["full_name"] = "visitor/shop".into();
        }
        let mut command = folder.command(&["comment"]);
        in_job(&mut command, &folder, &hub, "workflow_run", &payload);
        Ended::of(command).expect(0, &["commented"]);
        assert_eq!(hub.writes(), [CREATED], "{name}");
    }
}

#[test]
fn a_deleted_fork_has_no_pull_request_to_tell() {
    let (hub, folder) = (hub(), Folder::with_plan(PLAN));
    upload(&hub, honest(measured()));
    let mut payload = workflow_run("pull_request", HEAD, "visitor/shop");
    payload["workflow_run"]["head_repository"] = json!(null);
    let mut command = folder.command(&["comment"]);
    in_job(&mut command, &folder, &hub, "workflow_run", &payload);
    Ended::of(command).expect(0, &["no comment: no open pull request"]);
    assert_eq!(hub.writes(), [""; 0]);
}

#[test]
fn it_has_its_place() {
    let folder = Folder::with_plan(PLAN);
    folder.run(&["comment"]).expect(2, &["no GitHub Actions job", "on: workflow_run"]);
    let hub = hub();
    let mut command = folder.command(&["comment"]);
    in_job(&mut command, &folder, &hub, "push", &json!({ "ref": "refs/heads/main", "after": HEAD }));
    Ended::of(command).expect(2, &["does not tell whose run", "on: workflow_run"]);
    let broken = Folder::with_plan("version: 1\nname: [");
    comment(&broken, &hub, &[]).expect(2, &["loadgate.yml:2"]);
    comment(&Folder::new(), &hub, &[]).expect(2, &["there is no plan loadgate.yml"]);
    assert_eq!(hub.writes(), [""; 0]);
}

#[test]
fn what_github_refuses_is_an_error_with_its_cure() {
    let cases = [
        (CREATED, 403, "pull-requests: write"),
        ("GET /repos/acme/shop/actions/runs/500/artifacts", 403, "actions: read"),
        ("GET /repos/acme/shop/actions/artifacts/60/zip", 410, "GitHub refused to read the artifacts"),
        ("GET /repos/acme/shop/pulls", 403, "pull-requests: read"),
    ];
    for (line, status, cure) in cases {
        let (hub, folder) = (hub(), Folder::with_plan(PLAN));
        upload(&hub, honest(measured()));
        let answer = Answer::refusal(status, "Resource not accessible by integration");
        hub.force(Forced { line: line.into(), answer, times: 9, carried_out: false });
        comment(&folder, &hub, &[]).expect(4, &[cure]);
        assert!(hub.comments().is_empty());
    }
    let (hub, folder) = (hub(), Folder::with_plan(PLAN));
    let mut command = folder.command(&["comment"]);
    in_job(&mut command, &folder, &hub, "workflow_run", &workflow_run("pull_request", HEAD, "visitor/shop"));
    command.env_remove("GITHUB_TOKEN");
    Ended::of(command).expect(4, &["no GitHub token"]);
}
