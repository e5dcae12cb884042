use std::time::Duration;

use serde_json::Value;
use url::Url;
use wiremock::matchers::{body_json, body_partial_json, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::github::client::{Limits, Token};

const MARKER: &str = "<!-- loadgate-baseline:shop -->";
const BODY: &str = "<!-- loadgate-baseline:shop -->\nA step.\n";
const PAGE: &str = "https://github.example/issues/5";

const LIMITS: Limits = Limits {
    total: Duration::from_secs(2),
    request: Duration::from_millis(300),
    tries: 2,
    backoff: Duration::from_millis(5),
};

async fn telling(server: &MockServer, open: bool) -> Result<Told, Error> {
    let url = Url::parse(&server.uri()).unwrap();
    let graphql = Url::parse(&format!("{}/graphql", server.uri())).unwrap();
    let client = Client::new(&Token::new("ghs_token".into()), &url, &graphql, LIMITS)?;
    let repository = Repository { owner: "acme".into(), name: "shop".into() };
    let (label, title, footer) = ("loadgate", "the baseline", "[run](https://x/2)");
    tell(&client, &Issue { repository: &repository, marker: MARKER, label, title, body: BODY, footer, open }).await
}

/// A server whose token belongs to `github-actions[bot]`, with these open issues.
async fn server(issues: Value) -> MockServer {
    let server = MockServer::start().await;
    let viewer = json!({ "data": { "viewer": { "login": "github-actions[bot]" } } });
    let answer = ResponseTemplate::new(200).set_body_json(viewer);
    Mock::given(method("POST")).and(path("/graphql")).respond_with(answer).mount(&server).await;
    Mock::given(method("GET"))
        .and(path("/repos/acme/shop/issues"))
        .and(query_param("state", "open"))
        .and(query_param("labels", "loadgate"))
        .respond_with(ResponseTemplate::new(200).set_body_json(issues))
        .expect(1..)
        .mount(&server)
        .await;
    server
}

fn issue(body: &str) -> Value {
    json!({ "number": 5, "html_url": PAGE, "title": "the baseline", "body": body,
            "user": { "login": "github-actions[bot]", "type": "Bot" } })
}

async fn writes(server: &MockServer, verb: &str, at: &str, body: Value) {
    Mock::given(method(verb))
        .and(path(at))
        .and(body_partial_json(body))
        .respond_with(ResponseTemplate::new(201).set_body_json(issue(BODY)))
        .expect(1)
        .mount(server)
        .await;
}

#[tokio::test]
async fn an_issue_is_opened_once() {
    let server = server(json!([])).await;
    Mock::given(method("POST"))
        .and(path("/repos/acme/shop/issues"))
        .and(body_json(json!({
            "title": "the baseline", "body": format!("{BODY}\n[run](https://x/2)"), "labels": ["loadgate"]
        })))
        .respond_with(ResponseTemplate::new(201).set_body_json(issue(BODY)))
        .expect(1)
        .mount(&server)
        .await;
    assert_eq!(telling(&server, true).await, Ok(Told::Opened { url: PAGE.into() }));
}

/// Nothing is mounted that could be written to.
#[tokio::test]
async fn what_says_the_same_is_left_alone_whichever_run_found_it() {
    for body in [format!("{BODY}\n[run](https://x/1)"), format!("{BODY}\n[run](https://x/1)\n").replace('\n', "\r\n")] {
        let server = server(json!([issue(&body)])).await;
        assert_eq!(telling(&server, true).await, Ok(Told::Unchanged), "{body:?}");
    }
}

#[tokio::test]
async fn news_update_the_issue_that_is_there() {
    let server = server(json!([issue(&format!("{MARKER}\nA suspect.\n\n[run](https://x/1)"))])).await;
    let body = format!("{BODY}\n[run](https://x/2)");
    writes(&server, "PATCH", "/repos/acme/shop/issues/5", json!({ "body": body })).await;
    assert_eq!(telling(&server, true).await, Ok(Told::Updated { url: PAGE.into() }));
}

#[tokio::test]
async fn what_is_settled_is_closed() {
    let server = server(json!([issue(BODY)])).await;
    let change = json!({ "state": "closed", "state_reason": "completed" });
    writes(&server, "PATCH", "/repos/acme/shop/issues/5", change).await;
    assert_eq!(telling(&server, false).await, Ok(Told::Closed { url: PAGE.into() }));
    let server = self::server(json!([])).await;
    assert_eq!(telling(&server, false).await, Ok(Told::Unchanged));
}

#[tokio::test]
async fn an_issue_of_somebody_else_is_never_touched() {
    let mut theirs = issue(BODY);
    theirs["user"] = json!({ "login": "mallory", "type": "User" });
    let mut pull = issue(BODY);
    pull["pull_request"] = json!({ "url": "x" });
    let quoted = issue(&format!("> {BODY}"));
    let server = server(json!([theirs, pull, quoted])).await;
    writes(&server, "POST", "/repos/acme/shop/issues", json!({ "title": "the baseline" })).await;
    assert_eq!(telling(&server, true).await, Ok(Told::Opened { url: PAGE.into() }));
}

#[tokio::test]
async fn an_issue_whose_answer_was_lost_is_found_and_not_opened_twice() {
    let server = MockServer::start().await;
    let viewer = json!({ "data": { "viewer": { "login": "github-actions[bot]" } } });
    let answer = ResponseTemplate::new(200).set_body_json(viewer);
    Mock::given(method("POST")).and(path("/graphql")).respond_with(answer).mount(&server).await;
    let lists = || Mock::given(method("GET")).and(path("/repos/acme/shop/issues"));
    let listing = |issues: Value| ResponseTemplate::new(200).set_body_json(issues);
    lists().respond_with(listing(json!([]))).up_to_n_times(1).expect(1).mount(&server).await;
    let there = issue(&format!("{BODY}\n[run](https://x/2)"));
    lists().respond_with(listing(json!([there]))).expect(1).mount(&server).await;
    Mock::given(method("POST"))
        .and(path("/repos/acme/shop/issues"))
        .respond_with(ResponseTemplate::new(502))
        .expect(1)
        .mount(&server)
        .await;
    assert_eq!(telling(&server, true).await, Ok(Told::Unchanged));
}

#[tokio::test]
async fn without_permission_the_cure_is_named() {
    let server = server(json!([])).await;
    Mock::given(method("POST"))
        .and(path("/repos/acme/shop/issues"))
        .respond_with(ResponseTemplate::new(403).set_body_json(json!({ "message": "Resource not accessible" })))
        .expect(1)
        .mount(&server)
        .await;
    let error = telling(&server, true).await.unwrap_err().to_string();
    assert!(error.contains("may not write an issue") && error.contains("issues: write"), "{error}");
}
