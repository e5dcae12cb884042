use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use url::Url;
use wiremock::matchers::{body_json, header, method, path, query_param};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use super::*;
use crate::github::client::{Limits, Token};

const MARKER: &str = "<!-- loadgate:concerts -->";
const BODY: &str = "<!-- loadgate:concerts -->\npass";
const COMMENTS: &str = "/repos/acme/concerts/issues/7/comments";

const LIMITS: Limits = Limits {
    total: Duration::from_secs(2),
    request: Duration::from_millis(300),
    tries: 3,
    backoff: Duration::from_millis(5),
};

async fn upsert_at(api: &str, limits: Limits) -> Result<Upserted, Error> {
    let api_url = Url::parse(api).unwrap();
    let graphql_url = Url::parse(&format!("{}/graphql", api.trim_end_matches("/v3"))).unwrap();
    let client = Client::new(&Token::new("ghs_token".into()), &api_url, &graphql_url, limits)?;
    let repository = Repository { owner: "acme".into(), name: "concerts".into() };
    upsert(&client, &Comment { repository: &repository, pull_request: 7, marker: MARKER, body: BODY }).await
}

/// A server whose token belongs to `github-actions[bot]`.
async fn server() -> MockServer {
    let server = MockServer::start().await;
    let viewer = json!({ "data": { "viewer": { "login": "github-actions[bot]" } } });
    Mock::given(method("POST"))
        .and(path("/graphql"))
        .and(header("authorization", "Bearer ghs_token"))
        .respond_with(ResponseTemplate::new(200).set_body_json(viewer))
        .mount(&server)
        .await;
    server
}

fn existing(id: u64, login: &str, kind: &str, body: &str) -> Value {
    json!({ "id": id, "body": body, "user": { "login": login, "type": kind }, "created_at": "2025-01-01T00:00:00Z" })
}

fn ours(id: u64) -> Value {
    existing(id, "github-actions[bot]", "Bot", "<!-- loadgate:concerts -->\nfail")
}

async fn listing(server: &MockServer, comments: &[Value]) {
    Mock::given(method("GET"))
        .and(path(COMMENTS))
        .respond_with(ResponseTemplate::new(200).set_body_json(comments))
        .mount(server)
        .await;
}

async fn accepting(server: &MockServer, verb: &str, at: &str, times: u64) {
    Mock::given(method(verb))
        .and(path(at))
        .and(body_json(json!({ "body": BODY })))
        .and(header("authorization", "Bearer ghs_token"))
        .respond_with(ResponseTemplate::new(if verb == "POST" { 201 } else { 200 }).set_body_json(written()))
        .expect(times)
        .mount(server)
        .await;
}

fn written() -> Value {
    json!({ "id": 5, "html_url": "https://github.com/acme/concerts/pull/7#issuecomment-5" })
}

fn page_url() -> String {
    "https://github.com/acme/concerts/pull/7#issuecomment-5".into()
}

#[tokio::test]
async fn the_first_report_creates_a_comment() {
    let server = server().await;
    listing(&server, &[existing(1, "ann", "User", "nice work")]).await;
    accepting(&server, "POST", COMMENTS, 1).await;
    assert_eq!(upsert_at(&server.uri(), LIMITS).await, Ok(Upserted::Created { url: page_url() }));
}

#[tokio::test]
async fn the_next_report_updates_it_in_place() {
    let server = server().await;
    listing(&server, &[ours(5), ours(6)]).await;
    accepting(&server, "PATCH", "/repos/acme/concerts/issues/comments/5", 1).await;
    assert_eq!(upsert_at(&server.uri(), LIMITS).await, Ok(Upserted::Updated { url: page_url() }));
}

#[tokio::test]
async fn what_only_looks_like_ours_is_left_alone() {
    let server = server().await;
    let quoted = format!("> {MARKER}\nwhat does this mean?");
    let other_plan = "<!-- loadgate:concerts-nightly -->\npass";
    listing(
        &server,
        &[
            existing(1, "mallory", "User", BODY),
            existing(2, "other-app[bot]", "Bot", BODY),
            existing(3, "github-actions[bot]", "Bot", &quoted),
            existing(4, "github-actions[bot]", "Bot", other_plan),
            json!({ "id": 5, "body": BODY, "user": null }),
            json!({ "id": 6, "body": null, "user": { "login": "github-actions[bot]", "type": "Bot" } }),
        ],
    )
    .await;
    accepting(&server, "POST", COMMENTS, 1).await;
    assert_eq!(upsert_at(&server.uri(), LIMITS).await, Ok(Upserted::Created { url: page_url() }));
}

#[tokio::test]
async fn it_is_found_on_the_third_page() {
    let server = server().await;
    let next = |page: u32| format!(r#"<{}{COMMENTS}?per_page=100&page={page}>; rel="next""#, server.uri());
    for (page, answer) in [
        ("3", ResponseTemplate::new(200).set_body_json([ours(5)])),
        (
            "2",
            ResponseTemplate::new(200).set_body_json([existing(2, "ann", "User", "b")]).insert_header("link", next(3)),
        ),
    ] {
        Mock::given(method("GET"))
            .and(path(COMMENTS))
            .and(query_param("page", page))
            .respond_with(answer)
            .mount(&server)
            .await;
    }
    let first = ResponseTemplate::new(200).set_body_json([existing(1, "ann", "User", "a")]);
    Mock::given(method("GET"))
        .and(path(COMMENTS))
        .and(query_param("per_page", "100"))
        .respond_with(first.insert_header("link", next(2)))
        .mount(&server)
        .await;
    accepting(&server, "PATCH", "/repos/acme/concerts/issues/comments/5", 1).await;
    assert_eq!(upsert_at(&server.uri(), LIMITS).await, Ok(Upserted::Updated { url: page_url() }));
}

#[tokio::test]
async fn the_prefix_of_a_server_of_ones_own_is_kept() {
    let server = MockServer::start().await;
    let viewer = json!({ "data": { "viewer": { "login": "github-actions[bot]" } } });
    Mock::given(method("POST"))
        .and(path("/api/graphql"))
        .respond_with(ResponseTemplate::new(200).set_body_json(viewer))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .and(path(format!("/api/v3{COMMENTS}")))
        .respond_with(ResponseTemplate::new(200).set_body_json([ours(5)]))
        .mount(&server)
        .await;
    accepting(&server, "PATCH", "/api/v3/repos/acme/concerts/issues/comments/5", 1).await;
    let result = upsert_at(&format!("{}/api/v3", server.uri()), LIMITS).await;
    assert_eq!(result, Ok(Upserted::Updated { url: page_url() }));
}

#[tokio::test]
async fn without_graphql_the_comments_of_apps_count_as_ours() {
    let server = MockServer::start().await;
    listing(&server, &[existing(1, "mallory", "User", BODY), ours(5)]).await;
    accepting(&server, "PATCH", "/repos/acme/concerts/issues/comments/5", 1).await;
    assert_eq!(upsert_at(&server.uri(), LIMITS).await, Ok(Upserted::Updated { url: page_url() }));
}

#[tokio::test]
async fn a_refusal_is_named_with_its_cure_and_not_repeated() {
    for (status, message, expected) in [
        (
            403,
            "Resource not accessible by integration",
            "the token may not comment on the pull request (403: Resource not accessible by integration); give the job \
             `permissions: pull-requests: write` (a pull request from a fork never gets more than read)",
        ),
        (
            404,
            "Not Found",
            "GitHub can't find what was needed to comment on the pull request (404: Not Found); check the repository, \
             and give the job `permissions: pull-requests: write`",
        ),
        (
            401,
            "Bad credentials",
            "GitHub doesn't accept the token (401: Bad credentials); check that it has not expired and belongs to this \
             server",
        ),
        (422, "Validation Failed", "GitHub refused to comment on the pull request (422: Validation Failed)"),
    ] {
        let server = server().await;
        listing(&server, &[]).await;
        Mock::given(method("POST"))
            .and(path(COMMENTS))
            .respond_with(ResponseTemplate::new(status).set_body_json(json!({ "message": message })))
            .expect(1)
            .mount(&server)
            .await;
        assert_eq!(upsert_at(&server.uri(), LIMITS).await.unwrap_err().to_string(), expected);
    }
}

#[tokio::test]
async fn a_passing_failure_is_repeated() {
    let server = server().await;
    Mock::given(method("GET"))
        .and(path(COMMENTS))
        .respond_with(ResponseTemplate::new(502).set_body_string("<html>Bad Gateway</html>"))
        .up_to_n_times(2)
        .expect(2)
        .mount(&server)
        .await;
    listing(&server, &[]).await;
    accepting(&server, "POST", COMMENTS, 1).await;
    assert_eq!(upsert_at(&server.uri(), LIMITS).await, Ok(Upserted::Created { url: page_url() }));
}

#[tokio::test]
async fn a_lasting_failure_ends_after_the_last_try() {
    let server = server().await;
    Mock::given(method("GET"))
        .and(path(COMMENTS))
        .respond_with(ResponseTemplate::new(500))
        .expect(3)
        .mount(&server)
        .await;
    assert!(matches!(upsert_at(&server.uri(), LIMITS).await, Err(Error::Server { status: 500, .. })));
}

#[tokio::test]
async fn a_server_that_hangs_costs_no_more_than_the_time_limit() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(200).set_delay(Duration::from_secs(30)))
        .mount(&server)
        .await;
    let start = Instant::now();
    let limits = Limits { total: Duration::from_millis(400), tries: 100, ..LIMITS };
    assert!(matches!(upsert_at(&server.uri(), limits).await, Err(Error::TimedOut { .. })));
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = upsert_at(&format!("http://{closed}"), LIMITS).await.unwrap_err().to_string();
    assert!(error.starts_with(&format!("GitHub at http://{closed}/ could not be reached: ")), "{error}");
    assert!(error.ends_with("; check GITHUB_API_URL and the runner's network"), "{error}");
}

#[tokio::test]
async fn a_secondary_rate_limit_is_waited_for() {
    let server = server().await;
    listing(&server, &[]).await;
    let limited = json!({ "message": "You have exceeded a secondary rate limit." });
    Mock::given(method("POST"))
        .and(path(COMMENTS))
        .respond_with(ResponseTemplate::new(403).set_body_json(limited).insert_header("retry-after", "1"))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    accepting(&server, "POST", COMMENTS, 1).await;
    let start = Instant::now();
    assert_eq!(upsert_at(&server.uri(), LIMITS).await, Ok(Upserted::Created { url: page_url() }));
    assert!(start.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_rate_limit_past_our_time_limit_ends_at_once() {
    let server = server().await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(429).insert_header("retry-after", "3600"))
        .expect(1)
        .mount(&server)
        .await;
    let start = Instant::now();
    let error = upsert_at(&server.uri(), LIMITS).await.unwrap_err();
    assert_eq!(error, Error::RateLimited { wait: Duration::from_secs(3600) });
    assert!(start.elapsed() < Duration::from_secs(1));
}

/// A server that keeps the first comment but whose answer gets lost.
#[derive(Clone, Default)]
struct LosesTheFirstAnswer {
    comments: Arc<Mutex<Vec<Value>>>,
    posts: Arc<AtomicUsize>,
}

impl Respond for LosesTheFirstAnswer {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut comments = self.comments.lock().unwrap();
        if request.method == Method::GET {
            return ResponseTemplate::new(200).set_body_json(&*comments);
        }
        let body = request.body_json::<Value>().unwrap()["body"].as_str().unwrap().to_owned();
        comments.push(existing(5, "github-actions[bot]", "Bot", &body));
        let answer = ResponseTemplate::new(201).set_body_json(written());
        match self.posts.fetch_add(1, Ordering::SeqCst) {
            0 => answer.set_delay(LIMITS.request * 3),
            _ => answer,
        }
    }
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_comment() {
    let server = server().await;
    let keeper = LosesTheFirstAnswer::default();
    Mock::given(path(COMMENTS)).respond_with(keeper.clone()).mount(&server).await;
    accepting(&server, "PATCH", "/repos/acme/concerts/issues/comments/5", 1).await;
    assert_eq!(upsert_at(&server.uri(), LIMITS).await, Ok(Upserted::Updated { url: page_url() }));
    assert_eq!(keeper.posts.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_token_is_not_sent_to_another_host() {
    let server = server().await;
    let elsewhere = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!([])))
        .mount(&elsewhere)
        .await;
    let next = format!("<{}/steal>; rel=\"next\"", elsewhere.uri());
    Mock::given(method("GET"))
        .and(path(COMMENTS))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!([])).insert_header("link", next))
        .mount(&server)
        .await;
    accepting(&server, "POST", COMMENTS, 1).await;
    upsert_at(&server.uri(), LIMITS).await.unwrap();
    let received = elsewhere.received_requests().await.unwrap();
    assert!(received.iter().all(|request| !request.headers.contains_key("authorization")), "{received:?}");
}

#[tokio::test]
async fn an_answer_that_is_not_githubs_is_named() {
    let server = server().await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(200).set_body_string("<html>log in</html>"))
        .mount(&server)
        .await;
    assert!(matches!(upsert_at(&server.uri(), LIMITS).await, Err(Error::Malformed { .. })));
}

#[tokio::test]
async fn a_repository_that_was_renamed_is_followed_by_reader_and_writer() {
    let server = server().await;
    let moved = |status: u16| {
        ResponseTemplate::new(status)
            .insert_header("location", "/repositories/1/issues/7/comments")
            .set_body_json(json!({ "message": "Moved Permanently" }))
    };
    for (verb, status) in [("GET", 301), ("POST", 307)] {
        Mock::given(method(verb)).and(path(COMMENTS)).respond_with(moved(status)).expect(1).mount(&server).await;
    }
    let now = "/repositories/1/issues/7/comments";
    Mock::given(method("GET"))
        .and(path(now))
        .and(header("authorization", "Bearer ghs_token"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!([])))
        .expect(1)
        .mount(&server)
        .await;
    accepting(&server, "POST", now, 1).await;
    assert_eq!(upsert_at(&server.uri(), LIMITS).await, Ok(Upserted::Created { url: page_url() }));
}

#[tokio::test]
async fn nothing_is_written_on_another_server() {
    let (server, elsewhere) = (server().await, MockServer::start().await);
    listing(&server, &[]).await;
    let away = ResponseTemplate::new(307).insert_header("location", format!("{}/x", elsewhere.uri()));
    Mock::given(method("POST")).and(path(COMMENTS)).respond_with(away).expect(1).mount(&server).await;
    let error = upsert_at(&server.uri(), LIMITS).await.unwrap_err();
    assert!(matches!(error, Error::Misdirected { .. }), "{error}");
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_read_that_is_sent_elsewhere_goes_there_without_the_token() {
    let (server, elsewhere) = (server().await, MockServer::start().await);
    let away = ResponseTemplate::new(302).insert_header("location", format!("{}/list", elsewhere.uri()));
    Mock::given(method("GET")).and(path(COMMENTS)).respond_with(away).mount(&server).await;
    Mock::given(path("/list"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!([])))
        .expect(1)
        .mount(&elsewhere)
        .await;
    accepting(&server, "POST", COMMENTS, 1).await;
    upsert_at(&server.uri(), LIMITS).await.unwrap();
    let received = elsewhere.received_requests().await.unwrap();
    assert!(received.iter().all(|request| !request.headers.contains_key("authorization")), "{received:?}");
}

#[tokio::test]
async fn redirects_in_a_circle_end() {
    let server = server().await;
    let again = ResponseTemplate::new(301).insert_header("location", COMMENTS);
    Mock::given(method("GET")).respond_with(again).expect(6).mount(&server).await;
    let error = upsert_at(&server.uri(), LIMITS).await.unwrap_err();
    assert_eq!(error, Error::Malformed { cause: "more than 5 redirects".into() });
}

/// The comment is there, though the answer that says so was cut off.
#[tokio::test]
async fn an_answer_that_was_cut_off_makes_no_second_comment() {
    let server = server().await;
    let listed = ResponseTemplate::new(200).set_body_json(json!([]));
    Mock::given(method("GET")).and(path(COMMENTS)).respond_with(listed).up_to_n_times(1).mount(&server).await;
    listing(&server, &[ours(5)]).await;
    Mock::given(method("POST"))
        .and(path(COMMENTS))
        .respond_with(ResponseTemplate::new(201).set_body_string(r#"{"id":5,"html_u"#))
        .expect(1)
        .mount(&server)
        .await;
    accepting(&server, "PATCH", "/repos/acme/concerts/issues/comments/5", 1).await;
    assert_eq!(upsert_at(&server.uri(), LIMITS).await, Ok(Upserted::Updated { url: page_url() }));
}

#[tokio::test]
async fn a_proxys_page_is_not_taken_for_a_missing_permission() {
    for status in [401, 403, 404] {
        let server = server().await;
        let page = ResponseTemplate::new(status).set_body_raw("<h1>Blocked</h1>", "text/html");
        Mock::given(method("GET")).and(path(COMMENTS)).respond_with(page).expect(1).mount(&server).await;
        let error = upsert_at(&server.uri(), LIMITS).await.unwrap_err();
        assert!(matches!(error, Error::NotGitHub { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_names_a_time_is_asked_again_after_it() {
    let server = server().await;
    Mock::given(method("GET"))
        .and(path(COMMENTS))
        .respond_with(ResponseTemplate::new(503).insert_header("retry-after", "1"))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    listing(&server, &[]).await;
    accepting(&server, "POST", COMMENTS, 1).await;
    let start = Instant::now();
    assert_eq!(upsert_at(&server.uri(), LIMITS).await, Ok(Upserted::Created { url: page_url() }));
    assert!(start.elapsed() >= Duration::from_secs(1));
}
