use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use url::Url;
use wiremock::matchers::{body_json, method, path, query_param};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use super::*;
use crate::github::client::{Limits, Token};

const LIST: &str = "/repos/acme/concerts/commits/aaaa/check-runs";
const RUNS: &str = "/repos/acme/concerts/check-runs";

const LIMITS: Limits = Limits {
    total: Duration::from_secs(2),
    request: Duration::from_millis(300),
    tries: 3,
    backoff: Duration::from_millis(5),
};

async fn write_at(server: &MockServer, conclusion: Conclusion) -> Result<WrittenCheck, Error> {
    let api = Url::parse(&server.uri()).unwrap();
    let client = Client::new(&Token::new("ghs_token".into()), &api, &api.join("graphql").unwrap(), LIMITS)?;
    let repository = Repository { owner: "acme".into(), name: "concerts".into() };
    let check = CheckRun {
        repository: &repository,
        head_sha: "aaaa",
        name: "loadgate / concerts",
        external_id: "100/1/gate",
        details_url: Some("https://github.com/acme/concerts/actions/runs/100/attempts/1"),
        conclusion,
        title: "fail: reserve is slower",
        summary: "> [!CAUTION]",
        text: "",
    };
    write(&client, &check).await
}

fn existing(id: u64, external_id: &str, app: &str, conclusion: &str) -> Value {
    json!({ "id": id, "external_id": external_id, "app": { "slug": app }, "conclusion": conclusion,
            "html_url": page_url(id) })
}

fn page_url(id: u64) -> String {
    format!("https://github.com/acme/concerts/runs/{id}")
}

async fn server(listed: &[Value]) -> MockServer {
    let server = MockServer::start().await;
    let viewer = json!({ "data": { "viewer": { "login": "github-actions[bot]" } } });
    Mock::given(path("/graphql")).respond_with(ResponseTemplate::new(200).set_body_json(viewer)).mount(&server).await;
    Mock::given(method("GET"))
        .and(path(LIST))
        .and(query_param("check_name", "loadgate / concerts"))
        .and(query_param("filter", "all"))
        .respond_with(
            ResponseTemplate::new(200).set_body_json(json!({ "total_count": listed.len(), "check_runs": listed })),
        )
        .mount(&server)
        .await;
    server
}

fn body(conclusion: &str, head_sha: Option<&str>) -> Value {
    let mut body = json!({
        "name": "loadgate / concerts",
        "external_id": "100/1/gate",
        "details_url": "https://github.com/acme/concerts/actions/runs/100/attempts/1",
        "status": "completed",
        "conclusion": conclusion,
        "output": { "title": "fail: reserve is slower", "summary": "> [!CAUTION]" },
    });
    if let Some(sha) = head_sha {
        body["head_sha"] = sha.into();
    }
    body
}

async fn accepting(server: &MockServer, verb: &str, at: &str, body: Value, id: u64) {
    Mock::given(method(verb))
        .and(path(at))
        .and(body_json(body))
        .respond_with(ResponseTemplate::new(if verb == "POST" { 201 } else { 200 }).set_body_json(existing(
            id,
            "100/1/gate",
            "github-actions",
            "failure",
        )))
        .expect(1)
        .mount(server)
        .await;
}

#[tokio::test]
async fn a_run_writes_a_check_run_of_its_own() {
    let others = [
        existing(1, "100/1/lint", "github-actions", "success"),
        existing(2, "99/1/gate", "github-actions", "failure"),
        existing(3, "100/1/gate", "other-app", "success"),
    ];
    let server = server(&others).await;
    accepting(&server, "POST", RUNS, body("neutral", Some("aaaa")), 5).await;
    assert_eq!(write_at(&server, Conclusion::Neutral).await, Ok(WrittenCheck::Created { url: page_url(5) }));
}

#[tokio::test]
async fn what_the_same_job_wrote_is_written_over_but_never_made_better() {
    for (there, conclusion, expected) in [
        ("success", Conclusion::Failure, WrittenCheck::Updated { url: page_url(5) }),
        ("failure", Conclusion::Failure, WrittenCheck::Updated { url: page_url(5) }),
        ("failure", Conclusion::Success, WrittenCheck::Kept { url: page_url(5) }),
        ("failure", Conclusion::Neutral, WrittenCheck::Kept { url: page_url(5) }),
    ] {
        let server = server(&[existing(5, "100/1/gate", "github-actions", there)]).await;
        if conclusion == Conclusion::Failure {
            accepting(&server, "PATCH", &format!("{RUNS}/5"), body("failure", None), 5).await;
        }
        assert_eq!(write_at(&server, conclusion).await, Ok(expected), "{there} {conclusion:?}");
    }
}

#[tokio::test]
async fn it_is_found_on_the_second_page() {
    let server = MockServer::start().await;
    let page = |runs: Value| ResponseTemplate::new(200).set_body_json(json!({ "total_count": 2, "check_runs": runs }));
    let ours = json!([existing(5, "100/1/gate", "github-actions", "neutral")]);
    Mock::given(path(LIST)).and(query_param("page", "2")).respond_with(page(ours)).mount(&server).await;
    let next = format!("<{}{LIST}?page=2>; rel=\"next\"", server.uri());
    Mock::given(path(LIST))
        .and(query_param("per_page", "100"))
        .respond_with(page(json!([])).insert_header("link", next))
        .mount(&server)
        .await;
    accepting(&server, "PATCH", &format!("{RUNS}/5"), body("failure", None), 5).await;
    assert_eq!(write_at(&server, Conclusion::Failure).await, Ok(WrittenCheck::Updated { url: page_url(5) }));
}

/// A server that keeps the first check run but whose answer gets lost.
#[derive(Clone, Default)]
struct LosesTheFirstAnswer {
    runs: Arc<Mutex<Vec<Value>>>,
    posts: Arc<AtomicUsize>,
}

impl Respond for LosesTheFirstAnswer {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut runs = self.runs.lock().unwrap();
        if request.method == Method::GET {
            return ResponseTemplate::new(200).set_body_json(json!({ "total_count": runs.len(), "check_runs": *runs }));
        }
        runs.push(existing(5, "100/1/gate", "github-actions", "success"));
        let answer = ResponseTemplate::new(201).set_body_json(&runs[0]);
        match self.posts.fetch_add(1, Ordering::SeqCst) {
            0 => answer.set_delay(LIMITS.request * 3),
            _ => answer,
        }
    }
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_check_run() {
    let server = MockServer::start().await;
    let keeper = LosesTheFirstAnswer::default();
    for at in [LIST, RUNS] {
        Mock::given(path(at)).respond_with(keeper.clone()).mount(&server).await;
    }
    accepting(&server, "PATCH", &format!("{RUNS}/5"), body("success", None), 5).await;
    assert_eq!(write_at(&server, Conclusion::Success).await, Ok(WrittenCheck::Updated { url: page_url(5) }));
    assert_eq!(keeper.posts.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_missing_permission_is_named() {
    let server = server(&[]).await;
    Mock::given(method("POST"))
        .and(path(RUNS))
        .respond_with(
            ResponseTemplate::new(403).set_body_json(json!({ "message": "Resource not accessible by integration" })),
        )
        .expect(1)
        .mount(&server)
        .await;
    insta::assert_snapshot!(write_at(&server, Conclusion::Success).await.unwrap_err(), @"the token may not write a check run (403: Resource not accessible by integration); give the job `permissions: checks: write` (a pull request from a fork never gets more than read)");
}

#[test]
fn what_is_too_long_is_cut_between_characters() {
    let repository = Repository { owner: "a".into(), name: "b".into() };
    let long = "한".repeat(40_000);
    let check = CheckRun {
        repository: &repository,
        head_sha: "aaaa",
        name: "loadgate / x",
        external_id: "1/1/gate",
        details_url: None,
        conclusion: Conclusion::Success,
        title: &long,
        summary: &long,
        text: &long,
    };
    let body = serde_json::to_value(Body::new(&check, true)).unwrap();
    for (field, most) in [("title", TITLE_BYTES), ("summary", MOST_BYTES), ("text", MOST_BYTES)] {
        let length = body["output"][field].as_str().unwrap().len();
        assert!((most - 3..=most).contains(&length), "{field}: {length}");
    }
}
