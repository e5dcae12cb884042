//! Measurements of a fork that the default branch's workflow makes: who may order them, and whose they are.

use serde_json::{Value, json};

use crate::gate::{Ended, Folder};
use crate::hub::{Answer, Forced, Hub};
use crate::servers::Server;

use super::{HEAD, OTHER, PLAN, hub, in_job, workflow_run};

fn run(folder: &Folder, hub: &Hub, target: &str, event: &str, payload: &Value) -> Ended {
    let mut command = folder.command(&["run", "--target", target]);
    in_job(&mut command, folder, hub, event, payload);
    Ended::of(command)
}

/// A comment on number 7.
fn order(action: &str, author: &str, body: &str) -> Value {
    json!({ "action": action, "issue": { "number": 7, "pull_request": {} },
            "comment": { "body": body, "user": { "login": author } } })
}

fn commit_of(folder: &Folder) -> Value {
    let measured: Value = serde_json::from_str(&folder.read("loadgate-measurement.json")).expect("a measurement");
    measured["candidate"]["commit"].clone()
}

#[test]
fn who_may_write_orders_a_measurement_of_a_commit() {
    let server = Server::answering(200, "{}");
    for (permission, body) in
        [("write", format!("/loadgate {HEAD}")), ("admin", format!("/loadgate {}\r\nplease", HEAD.to_uppercase()))]
    {
        let (hub, folder) = (hub(), Folder::with_plan(PLAN));
        hub.state().permissions.insert("ann".into(), permission.into());
        let ended = run(&folder, &hub, &server.url(), "issue_comment", &order("created", "ann", &body));
        ended.expect(0, &["pass: ", "commented"]);
        assert_eq!(commit_of(&folder), HEAD);
        let state = hub.state();
        assert_eq!((state.comments.len(), state.comments[0].issue), (1, 7));
        assert!(state.comments[0].body.starts_with("<!-- loadgate:shop -->"), "what was measured here is no claim");
        assert_eq!(state.checks[0]["head_sha"], HEAD);
    }
}

/// Each ends before anything is sent to the target.
#[test]
fn nobody_else_orders_anything() {
    let server = Server::answering(200, "{}");
    let good = format!("/loadgate {HEAD}");
    let cases: &[(&str, Value, i32, &str)] = &[
        ("a reader", order("created", "bob", &good), 4, "no permission: bob has no write access"),
        ("a stranger", order("created", "mallory", &good), 4, "no permission: mallory has no write access"),
        ("a made-up right", order("created", "eve", &good), 4, "no permission: eve has no write access"),
        ("an edit", order("edited", "ann", &good), 2, "the comment was edited"),
        ("no commit", order("created", "ann", "/loadgate"), 2, "the comment names no commit"),
        (
            "a short commit",
            order("created", "ann", &format!("/loadgate {}", &HEAD[..12])),
            2,
            "the comment names no commit",
        ),
        ("a branch", order("created", "ann", "/loadgate faster1"), 2, "the comment names no commit"),
        ("an option", order("created", "ann", &format!("{good} --target https://x.example")), 2, "names no commit"),
        ("another commit", order("created", "ann", &format!("/loadgate {OTHER}")), 4, "look at it, and comment"),
        ("talk", order("created", "ann", "nice"), 2, "is no `/loadgate SHA`"),
        (
            "a deleted account",
            json!({ "action": "created", "issue": { "number": 7, "pull_request": {} },
            "comment": { "body": good, "user": null } }),
            4,
            "no permission: the account",
        ),
        (
            "an issue",
            json!({ "action": "created", "issue": { "number": 7 },
            "comment": { "body": good, "user": { "login": "ann" } } }),
            2,
            "#7 is an issue",
        ),
    ];
    for (name, payload, code, why) in cases {
        println!("{name}");
        let (hub, folder) = (hub(), Folder::with_plan(PLAN));
        hub.state()
            .permissions
            .extend([("ann", "write"), ("bob", "read"), ("eve", "owner")].map(|(a, b)| (a.into(), b.into())));
        run(&folder, &hub, &server.url(), "issue_comment", payload).expect(*code, &[why, "nothing was measured"]);
        assert_eq!(hub.writes(), [""; 0], "{name}");
    }
    let (closed, folder) = (hub(), Folder::with_plan(PLAN));
    closed.state().permissions.insert("ann".into(), "write".into());
    closed.state().pulls[0].state = "closed".into();
    run(&folder, &closed, &server.url(), "issue_comment", &order("created", "ann", &good)).expect(2, &["#7 is closed"]);
    assert_eq!(server.requests(), 0);
}

/// It is a question of permission: no answer is no.
#[test]
fn without_an_answer_of_github_nothing_is_measured() {
    let server = Server::answering(200, "{}");
    let payload = order("created", "ann", &format!("/loadgate {HEAD}"));
    for (line, status) in [
        ("GET /repos/acme/shop/collaborators/ann/permission", 500),
        ("GET /repos/acme/shop/collaborators/ann/permission", 403),
        ("GET /repos/acme/shop/pulls/7", 502),
    ] {
        let (hub, folder) = (hub(), Folder::with_plan(PLAN));
        hub.state().permissions.insert("ann".into(), "write".into());
        hub.force(Forced { line: line.into(), answer: Answer::refusal(status, "no"), times: 99, carried_out: false });
        run(&folder, &hub, &server.url(), "issue_comment", &payload).expect(4, &["nothing was measured"]);
    }
    let (hub, folder) = (hub(), Folder::with_plan(PLAN));
    let mut command = folder.command(&["run", "--target", &server.url()]);
    in_job(&mut command, &folder, &hub, "issue_comment", &payload);
    command.env_remove("GITHUB_TOKEN");
    Ended::of(command).expect(4, &["no GitHub token", "nothing was measured"]);
    assert_eq!(server.requests(), 0);
}

#[test]
fn a_trusted_workflow_measures_for_the_forks_pull_request() {
    let (server, hub, folder) = (Server::answering(200, "{}"), hub(), Folder::with_plan(PLAN));
    let payload = workflow_run("pull_request", HEAD, "visitor/shop");
    run(&folder, &hub, &server.url(), "workflow_run", &payload).expect(0, &["commented"]);
    assert_eq!(commit_of(&folder), HEAD);
    let state = hub.state();
    assert_eq!(state.comments.iter().map(|comment| comment.issue).collect::<Vec<_>>(), [7]);
    assert!(state.comments[0].body.starts_with("<!-- loadgate:shop -->"));
    let checks: Vec<_> = state.checks.iter().map(|check| (&check["head_sha"], &check["conclusion"])).collect();
    assert_eq!(checks, [(&json!(HEAD), &json!("success"))], "the required check is that of the measured commit");
}

#[test]
fn an_event_that_names_a_commit_belongs_to_the_one_pull_request_that_has_it() {
    let server = Server::answering(200, "{}");
    let deployment = |sha: &str| {
        json!({ "deployment_status": { "state": "success", "environment_url": server.url() },
                "deployment": { "sha": sha, "environment": "Preview" } })
    };
    let dispatch = json!({ "action": "vercel.deployment.success",
        "client_payload": { "url": server.url(), "environment": "preview", "git": { "sha": OTHER, "ref": "faster" } } });
    let push = |sha: &str| json!({ "ref": "refs/heads/faster", "after": sha });
    for (event, payload, sha, number) in [
        ("deployment_status", deployment(OTHER), OTHER, Some(8)),
        ("repository_dispatch", dispatch, OTHER, Some(8)),
        ("push", push(OTHER), OTHER, Some(8)),
        // Two have it: it is nobody's.
        ("deployment_status", deployment(HEAD), HEAD, None),
    ] {
        println!("{event}");
        let (hub, folder) = (hub(), Folder::with_plan(PLAN));
        let mut command = folder.command(&["run", "--target", &server.url()]);
        in_job(&mut command, &folder, &hub, event, &payload);
        command.env("GITHUB_SHA", sha);
        Ended::of(command).expect(0, &["pass: "]);
        assert_eq!(hub.state().comments.first().map(|comment| comment.issue), number);
    }
}

/// Which pull request it is decides nothing but where it is told.
#[test]
fn a_pull_request_that_can_not_be_found_changes_no_verdict() {
    let (server, hub, folder) = (Server::answering(200, "{}"), hub(), Folder::with_plan(PLAN));
    let answer = Answer::refusal(500, "no");
    hub.force(Forced { line: "GET /repos/acme/shop/pulls".into(), answer, times: 99, carried_out: false });
    let payload = workflow_run("pull_request", HEAD, "visitor/shop");
    let ended = run(&folder, &hub, &server.url(), "workflow_run", &payload);
    ended.expect(0, &["pass: ", "warning: the pull request of this run can't be found"]);
}
