//! Events read from GitHub's own examples; `tests/fixtures/events` says where they come from.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

macro_rules! examples {
    ($($name:literal),* $(,)?) => {
        /// Names and payloads; the event's name is what comes before the dot.
        const EXAMPLES: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../../tests/fixtures/events/", $name, ".json")))),*
        ];
    };
}

examples!(
    "pull_request.opened",
    "pull_request.synchronize",
    "pull_request.labeled",
    "merge_group",
    "deployment_status.success",
    "deployment_status.in_progress",
    "repository_dispatch",
    "repository_dispatch.vercel",
    "workflow_run.completed",
    "workflow_run.completed_elsewhere",
    "issue_comment.created",
    "issue_comment.edited",
    "push.branch",
    "push.tag_deleted",
    "workflow_dispatch",
);

fn payload(name: &str) -> &'static str {
    EXAMPLES.iter().find(|(example, _)| *example == name).unwrap_or_else(|| panic!("no example {name}")).1
}

fn read(example: &str, payload: &str) -> Result<Event, serde_json::Error> {
    Event::read(example.split('.').next().unwrap(), payload)
}

/// The example's event, after a change of its payload: `(JSON pointer, value)`.
fn changed(example: &str, changes: &[(&str, Value)]) -> Event {
    let mut all: Value = serde_json::from_str(payload(example)).unwrap();
    for (pointer, value) in changes {
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        all.pointer_mut(parent).unwrap_or_else(|| panic!("{example} has no {parent}"))[field] = value.clone();
    }
    read(example, &all.to_string()).unwrap_or_else(|error| panic!("{example} with {changes:?}: {error}"))
}

#[test]
fn githubs_examples_are_read() {
    let all: Vec<String> =
        EXAMPLES.iter().map(|(name, payload)| format!("{name}\n{:#?}", read(name, payload).unwrap())).collect();
    insta::assert_snapshot!(all.join("\n\n"), @r#"
    pull_request.opened
    PullRequest(
        PullRequest {
            number: 2,
            head_sha: "ec26c3e57ca3a959ca5aad62de7213c562f8c821",
            head_ref: "changes",
            base_sha: "f95f852bd8fca8fcc58a9a2d6c842781e32a215e",
            base_ref: "master",
            head_repository: Some(
                "Codertocat/Hello-World",
            ),
            base_repository: "Codertocat/Hello-World",
            labels: [
                "bug",
            ],
        },
    )

    pull_request.synchronize
    PullRequest(
        PullRequest {
            number: 2,
            head_sha: "ec26c3e57ca3a959ca5aad62de7213c562f8c821",
            head_ref: "changes",
            base_sha: "f95f852bd8fca8fcc58a9a2d6c842781e32a215e",
            base_ref: "master",
            head_repository: Some(
                "Codertocat/Hello-World",
            ),
            base_repository: "Codertocat/Hello-World",
            labels: [
                "bug",
            ],
        },
    )

    pull_request.labeled
    PullRequest(
        PullRequest {
            number: 2,
            head_sha: "ec26c3e57ca3a959ca5aad62de7213c562f8c821",
            head_ref: "changes",
            base_sha: "f95f852bd8fca8fcc58a9a2d6c842781e32a215e",
            base_ref: "master",
            head_repository: Some(
                "Codertocat/Hello-World",
            ),
            base_repository: "Codertocat/Hello-World",
            labels: [
                "bug",
            ],
        },
    )

    merge_group
    MergeGroup(
        MergeGroup {
            head_sha: "2ffea6db159f6b6c47a24e778fb9ef40cf6b1c7d",
            base_sha: "380387fbc80638b734a49e1be1c4dfec1c01b33c",
        },
    )

    deployment_status.success
    DeploymentStatus(
        DeploymentStatus {
            state: "success",
            environment: "production",
            sha: "f95f852bd8fca8fcc58a9a2d6c842781e32a215e",
            url: None,
            production: false,
        },
    )

    deployment_status.in_progress
    DeploymentStatus(
        DeploymentStatus {
            state: "in_progress",
            environment: "github-pages",
            sha: "f95f852bd8fca8fcc58a9a2d6c842781e32a215e",
            url: Some(
                "https://github.com/Codertocat/Hello-World/runs/145988746?check_suite_focus=true",
            ),
            production: false,
        },
    )

    repository_dispatch
    RepositoryDispatch(
        RepositoryDispatch {
            action: "on-demand-test",
            deployment: None,
        },
    )

    repository_dispatch.vercel
    RepositoryDispatch(
        RepositoryDispatch {
            action: "vercel.deployment.success",
            deployment: Some(
                DispatchedDeployment {
                    url: "https://example-project-abc123.vercel.app",
                    environment: "preview",
                    sha: Some(
                        "abcdef1234567890abcdef1234567890abcdef12",
                    ),
                    branch: Some(
                        "faster-seats",
                    ),
                },
            ),
        },
    )

    workflow_run.completed
    WorkflowRun(
        WorkflowRun {
            id: 289782451,
            event: "repository_dispatch",
            conclusion: Some(
                "success",
            ),
            head_sha: "3484a3fb816e0859fd6e1cea078d76385ff50625",
            head_branch: Some(
                "master",
            ),
            head_repository: Some(
                "octo-org/octo-repo",
            ),
        },
    )

    workflow_run.completed_elsewhere
    WorkflowRun(
        WorkflowRun {
            id: 1589141559,
            event: "workflow_dispatch",
            conclusion: None,
            head_sha: "5779607b49aab1200488439f02372c57b4f75444",
            head_branch: Some(
                "main",
            ),
            head_repository: Some(
                "octo-org/octo-repo",
            ),
        },
    )

    issue_comment.created
    IssueComment(
        IssueComment {
            action: "created",
            number: 1,
            is_pull_request: false,
            author: Some(
                "Codertocat",
            ),
            body: "You are totally right! I'll get this fixed right away.",
        },
    )

    issue_comment.edited
    IssueComment(
        IssueComment {
            action: "edited",
            number: 1,
            is_pull_request: false,
            author: Some(
                "Codertocat",
            ),
            body: "You are totally right! I'll get this fixed today.",
        },
    )

    push.branch
    Push(
        Push {
            reference: "refs/heads/master",
            after: "6113728f27ae82c7b1a177c8d03f9e96e0adf246",
        },
    )

    push.tag_deleted
    Push(
        Push {
            reference: "refs/tags/simple-tag",
            after: "0000000000000000000000000000000000000000",
        },
    )

    workflow_dispatch
    WorkflowDispatch
    "#);
}

/// What the examples lack, made from them as GitHub's description of its events has it.
#[test]
fn what_may_be_null_or_missing_is_read() {
    let pull = |changes: &[(&str, Value)]| match changed("pull_request.opened", changes) {
        Event::PullRequest(pull) => pull,
        other => panic!("{other:?}"),
    };
    let deleted_fork = pull(&[("/pull_request/head/repo", Value::Null)]);
    assert!(deleted_fork.is_from_fork() && deleted_fork.head_repository.is_none());
    let fork = pull(&[("/pull_request/head/repo/full_name", json!("visitor/Hello-World"))]);
    assert!(fork.is_from_fork());
    assert_eq!(fork.head_repository.as_deref(), Some("visitor/Hello-World"));
    assert!(pull(&[("/pull_request/labels", Value::Null)]).labels.is_empty());

    let status = |changes: &[(&str, Value)]| match changed("deployment_status.in_progress", changes) {
        Event::DeploymentStatus(status) => status,
        other => panic!("{other:?}"),
    };
    let (environment, target) = ("/deployment_status/environment_url", "/deployment_status/target_url");
    for (changes, expected) in [
        (&[(environment, json!("https://preview.example"))][..], Some("https://preview.example")),
        (&[(environment, json!("")), (target, json!("https://ci.example"))], Some("https://ci.example")),
        (&[(environment, Value::Null), (target, json!(""))], None),
        (&[(environment, Value::Null), (target, Value::Null)], None),
    ] {
        assert_eq!(status(changes).url.as_deref(), expected, "{changes:?}");
    }
    for (value, production) in [(json!(true), true), (json!(false), false), (Value::Null, false)] {
        assert_eq!(status(&[("/deployment/production_environment", value)]).production, production);
    }

    let run = changed(
        "workflow_run.completed",
        &[
            ("/workflow_run/head_branch", Value::Null),
            ("/workflow_run/head_repository", Value::Null),
            ("/workflow_run/conclusion", Value::Null),
        ],
    );
    let Event::WorkflowRun(run) = run else { panic!("{run:?}") };
    assert_eq!((run.head_branch, run.head_repository, run.conclusion), (None, None, None));

    let pull_request =
        json!({ "url": "https://api.github.com/repos/Codertocat/Hello-World/pulls/1", "merged_at": null });
    let comment = changed(
        "issue_comment.created",
        &[
            ("/issue/pull_request", pull_request),
            ("/comment/user", Value::Null),
            ("/comment/body", json!("/loadgate 1a2b")),
        ],
    );
    let Event::IssueComment(comment) = comment else { panic!("{comment:?}") };
    assert!(comment.is_pull_request && comment.author.is_none());
    assert_eq!(comment.body, "/loadgate 1a2b");
    let Event::IssueComment(comment) = changed("issue_comment.created", &[("/issue/pull_request", Value::Null)]) else {
        panic!()
    };
    assert!(!comment.is_pull_request);

    let schedule = Event::read("schedule", r#"{"schedule":"30 5 * * 1,3"}"#).unwrap();
    assert_eq!(schedule, Event::Schedule);
}

/// A failed deployment has no URL; what others send is theirs.
#[test]
fn a_dispatched_event_without_a_deployment_is_no_error() {
    for client_payload in [
        Value::Null,
        json!({}),
        json!([1, 2]),
        json!({ "environment": "preview", "git": { "ref": "a", "sha": "b" }, "error": "build failed" }),
        json!({ "url": 7, "environment": "preview" }),
    ] {
        let changes = [("/action", json!("vercel.deployment.failed")), ("/client_payload", client_payload)];
        let Event::RepositoryDispatch(dispatch) = changed("repository_dispatch.vercel", &changes) else { panic!() };
        let expected = RepositoryDispatch { action: "vercel.deployment.failed".into(), deployment: None };
        assert_eq!(dispatch, expected, "{changes:?}");
    }
    for git in [Value::Null, json!({}), json!({ "sha": null, "ref": null })] {
        let event = changed("repository_dispatch.vercel", &[("/client_payload/git", git)]);
        let Event::RepositoryDispatch(RepositoryDispatch { deployment: Some(deployment), .. }) = event else {
            panic!()
        };
        assert_eq!((deployment.sha, deployment.branch), (None, None));
    }
}

#[test]
fn fields_that_are_new_to_us_are_ignored() {
    fn extend(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.values_mut().for_each(extend);
                fields.insert("new_in_2030".into(), json!({ "a": [1, null, "b"] }));
            }
            Value::Array(items) => items.iter_mut().for_each(extend),
            _ => {}
        }
    }
    for (name, payload) in EXAMPLES {
        let mut all: Value = serde_json::from_str(payload).unwrap();
        extend(&mut all);
        assert_eq!(read(name, &all.to_string()).unwrap(), read(name, payload).unwrap(), "{name}");
    }
}

#[test]
fn a_truncated_payload_is_an_error() {
    for (name, payload) in EXAMPLES.iter().filter(|(name, _)| *name != "workflow_dispatch") {
        for end in (0..payload.trim_end().len()).step_by(211) {
            let Some(part) = payload.get(..end) else { continue };
            assert!(read(name, part).is_err(), "{name} up to byte {end}");
        }
    }
}

/// Every place of a JSON tree, as JSON pointers.
fn places(value: &Value, pointer: &str, all: &mut Vec<String>) {
    all.push(pointer.to_owned());
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            places(value, &format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")), all);
        }),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| places(value, &format!("{pointer}/{index}"), all));
        }
        _ => {}
    }
}

proptest! {
    /// Whatever stands at any place of a payload, it is an event or an error.
    #[test]
    fn no_payload_panics(
        example in 0..EXAMPLES.len(),
        place in any::<prop::sample::Index>(),
        other in prop::sample::select(vec![
            Value::Null, json!(true), json!(-1), json!(1e300), json!(18_446_744_073_709_551_615u64), json!(""),
            json!("\u{0}\u{202e}<!--"), json!([]), json!([[[]]]), json!({}), json!({ "repo": { "full_name": null } }),
        ]),
    ) {
        let (name, payload) = EXAMPLES[example];
        let mut all: Value = serde_json::from_str(payload).unwrap();
        let mut pointers = Vec::new();
        places(&all, "", &mut pointers);
        let pointer = place.get(&pointers);
        *all.pointer_mut(pointer).unwrap() = other;
        let _ = read(name, &all.to_string());
    }

    /// Bytes that are flipped, too.
    #[test]
    fn no_broken_text_panics(example in 0..EXAMPLES.len(), place in any::<prop::sample::Index>(), byte: u8) {
        let (name, payload) = EXAMPLES[example];
        let mut bytes = payload.as_bytes().to_vec();
        *place.get_mut(&mut bytes) = byte;
        let _ = read(name, &String::from_utf8_lossy(&bytes));
    }
}

fn pull_request(head_repo: &str) -> String {
    format!(
        r#"{{"action":"synchronize","number":7,"pull_request":{{"number":7,"title":"Faster seats","labels":[{{"name":"perf","color":"fff"}}],
            "head":{{"ref":"faster","sha":"aaaa","repo":{head_repo}}},
            "base":{{"ref":"main","sha":"bbbb","repo":{{"full_name":"acme/concerts","private":false}}}}}}}}"#
    )
}

#[test]
fn a_pull_request_knows_its_head_and_whether_it_is_a_fork() {
    for (head_repo, repository, fork) in [
        (r#"{"full_name":"acme/concerts"}"#, Some("acme/concerts"), false),
        (r#"{"full_name":"visitor/concerts"}"#, Some("visitor/concerts"), true),
        ("null", None, true),
    ] {
        let Event::PullRequest(pull) = Event::read("pull_request", &pull_request(head_repo)).unwrap() else {
            panic!("no pull request")
        };
        assert_eq!(pull.head_repository.as_deref(), repository);
        assert_eq!(pull.is_from_fork(), fork, "{head_repo}");
        assert_eq!((pull.number, &*pull.head_sha, &*pull.base_sha), (7, "aaaa", "bbbb"));
        assert_eq!(pull.labels, ["perf"]);
    }
}

#[test]
fn a_deployment_status_leads_to_the_deployment() {
    for (urls, expected) in [
        (
            r#""environment_url":"https://preview.example","target_url":"https://ci.example""#,
            Some("https://preview.example"),
        ),
        (r#""environment_url":"","target_url":"https://ci.example""#, Some("https://ci.example")),
        (r#""environment_url":null"#, None),
    ] {
        let payload = format!(
            r#"{{"deployment_status":{{"state":"success",{urls}}},"deployment":{{"sha":"aaaa","environment":"Preview"}}}}"#
        );
        let expected = DeploymentStatus {
            state: "success".into(),
            environment: "Preview".into(),
            sha: "aaaa".into(),
            url: expected.map(str::to_owned),
            production: false,
        };
        assert_eq!(Event::read("deployment_status", &payload).unwrap(), Event::DeploymentStatus(expected));
    }
}

#[test]
fn other_events_need_nothing_of_their_payload() {
    assert_eq!(Event::read("schedule", "{}").unwrap(), Event::Schedule);
    assert_eq!(Event::read("workflow_dispatch", "{}").unwrap(), Event::WorkflowDispatch);
    assert_eq!(Event::read("star", "{}").unwrap(), Event::Other("star".into()));
}

#[test]
fn a_payload_that_lacks_a_field_names_it() {
    let error = Event::read("pull_request", r#"{"pull_request":{"number":7}}"#).unwrap_err();
    insta::assert_snapshot!(error, @"missing field `head` at line 1 column 28");
}
