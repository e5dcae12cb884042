use serde_json::Value;
use url::Url;
use wiremock::matchers::{body_partial_json, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate, Times};

use super::*;
use crate::github::client::{Limits, Token};

const FILE: &str = "/repos/acme/shop/contents/baselines/shop/a.json";
const SECOND: &str = "/repos/acme/shop/contents/baselines/shop/a-2.json";
const HEAD: &str = "/repos/acme/shop/git/ref/heads/loadgate-baselines";

const LIMITS: Limits = Limits {
    total: Duration::from_secs(10),
    request: Duration::from_secs(2),
    tries: 3,
    backoff: Duration::from_millis(5),
};

async fn landing(server: &MockServer, way: &Way) -> Result<Landed, Error> {
    landing_within(server, way, LIMITS).await
}

async fn landing_within(server: &MockServer, way: &Way, limits: Limits) -> Result<Landed, Error> {
    let url = Url::parse(&server.uri()).unwrap();
    let client = Client::new(&Token::new("ghs_token".into()), &url, &url, limits)?;
    let repository = Repository { owner: "acme".into(), name: "shop".into() };
    let file = NewFile { path: "baselines/shop/a.json".into(), content: b"run".to_vec() };
    land(&client, &repository, way, &[file], "Add a run").await
}

fn branch() -> Way {
    Way::Branch { name: "loadgate-baselines".into(), readme: "# Baselines\n".into() }
}

fn landed(path: &str) -> Result<Landed, Error> {
    Ok(Landed { branch: "loadgate-baselines".into(), paths: vec![path.into()], pull_request: None })
}

/// Answers the next requests of a kind, so many times; the first such answers come first.
async fn on(server: &MockServer, verb: &str, at: &str, status: u16, body: Value, times: u64) {
    let answer = ResponseTemplate::new(status).set_body_json(body);
    Mock::given(method(verb)).and(path(at)).respond_with(answer).up_to_n_times(times).expect(times).mount(server).await;
}

async fn there(server: &MockServer, at: &str, content: &str, times: impl Into<Times>) {
    let answer = ResponseTemplate::new(200).set_body_string(content);
    Mock::given(method("GET")).and(path(at)).respond_with(answer).expect(times).mount(server).await;
}

fn refusal(message: &str) -> Value {
    json!({ "message": message })
}

fn head_of() -> Value {
    json!({ "object": { "sha": "c0" } })
}

#[tokio::test]
async fn the_branch_begins_as_an_orphan_with_a_readme() {
    let server = MockServer::start().await;
    on(&server, "GET", HEAD, 404, refusal("Not Found"), 1).await;
    let trees = Mock::given(method("POST")).and(path("/repos/acme/shop/git/trees"));
    let tree = json!({ "tree": [{ "path": "README.md", "content": "# Baselines\n" }] });
    trees
        .and(body_partial_json(tree))
        .respond_with(ResponseTemplate::new(201).set_body_json(json!({ "sha": "t1" })))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path("/repos/acme/shop/git/commits"))
        .and(body_partial_json(json!({ "tree": "t1", "parents": [] })))
        .respond_with(ResponseTemplate::new(201).set_body_json(json!({ "sha": "c1" })))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path("/repos/acme/shop/git/refs"))
        .and(body_partial_json(json!({ "ref": "refs/heads/loadgate-baselines", "sha": "c1" })))
        .respond_with(ResponseTemplate::new(201).set_body_json(json!({})))
        .expect(1)
        .mount(&server)
        .await;
    on(&server, "GET", FILE, 404, refusal("Not Found"), 1).await;
    Mock::given(method("PUT"))
        .and(path(FILE))
        .and(body_partial_json(json!({ "branch": "loadgate-baselines", "content": "cnVu", "message": "Add a run" })))
        .respond_with(ResponseTemplate::new(201).set_body_json(json!({})))
        .expect(1)
        .mount(&server)
        .await;
    assert_eq!(landing(&server, &branch()).await, landed("baselines/shop/a.json"));
}

#[tokio::test]
async fn a_job_that_makes_the_branch_at_the_same_time_is_no_failure() {
    let server = MockServer::start().await;
    on(&server, "GET", HEAD, 404, refusal("Not Found"), 1).await;
    on(&server, "POST", "/repos/acme/shop/git/trees", 201, json!({ "sha": "t1" }), 1).await;
    on(&server, "POST", "/repos/acme/shop/git/commits", 201, json!({ "sha": "c1" }), 1).await;
    on(&server, "POST", "/repos/acme/shop/git/refs", 422, refusal("Reference already exists"), 1).await;
    on(&server, "GET", FILE, 404, refusal("Not Found"), 1).await;
    on(&server, "PUT", FILE, 201, json!({}), 1).await;
    assert_eq!(landing(&server, &branch()).await, landed("baselines/shop/a.json"));
}

#[tokio::test]
async fn a_conflict_is_met_by_another_look() {
    for (status, message) in [(409, "is at 1 but expected 2"), (422, "Invalid request. \"sha\" wasn't supplied.")] {
        let server = MockServer::start().await;
        on(&server, "GET", HEAD, 200, head_of(), 1).await;
        on(&server, "GET", FILE, 404, refusal("Not Found"), 3).await;
        on(&server, "PUT", FILE, status, refusal(message), 2).await;
        on(&server, "PUT", FILE, 201, json!({}), 1).await;
        assert_eq!(landing(&server, &branch()).await, landed("baselines/shop/a.json"), "{status}");
    }
}

#[tokio::test]
async fn a_file_whose_answer_was_lost_is_not_written_again() {
    let server = MockServer::start().await;
    on(&server, "GET", HEAD, 200, head_of(), 2).await;
    on(&server, "GET", FILE, 404, refusal("Not Found"), 1).await;
    on(&server, "PUT", FILE, 502, refusal("Bad Gateway"), 1).await;
    there(&server, FILE, "run", 1).await;
    assert_eq!(landing(&server, &branch()).await, landed("baselines/shop/a.json"));
}

#[tokio::test]
async fn another_runs_file_is_never_replaced() {
    let server = MockServer::start().await;
    on(&server, "GET", HEAD, 200, head_of(), 1).await;
    there(&server, FILE, "another run", 1).await;
    on(&server, "GET", SECOND, 404, refusal("Not Found"), 1).await;
    on(&server, "PUT", SECOND, 201, json!({}), 1).await;
    assert_eq!(landing(&server, &branch()).await, landed("baselines/shop/a-2.json"));
}

#[tokio::test]
async fn a_lasting_conflict_ends_and_says_so() {
    let server = MockServer::start().await;
    on(&server, "GET", HEAD, 200, head_of(), 1).await;
    on(&server, "GET", FILE, 404, refusal("Not Found"), 8).await;
    on(&server, "PUT", FILE, 409, refusal("Repository rule violations found"), 8).await;
    let once = Limits { tries: 1, ..LIMITS };
    let error = landing_within(&server, &branch(), once).await.unwrap_err().to_string();
    assert_eq!(error, "GitHub refused to write a file of the repository (409: Repository rule violations found)");
}

#[tokio::test]
async fn without_permission_the_cure_is_named() {
    let server = MockServer::start().await;
    on(&server, "GET", HEAD, 200, head_of(), 1).await;
    on(&server, "GET", FILE, 404, refusal("Not Found"), 1).await;
    on(&server, "PUT", FILE, 403, refusal("Resource not accessible by integration"), 1).await;
    let error = landing(&server, &branch()).await.unwrap_err().to_string();
    assert!(error.contains("may not write a file of the repository") && error.contains("contents: write"), "{error}");
}

#[tokio::test]
async fn one_open_pull_request_gets_all_runs() {
    let way =
        Way::PullRequest { branch: "loadgate/baseline-shop".into(), title: "Add runs".into(), body: "They".into() };
    let open = json!({ "number": 9, "html_url": "https://github.example/pull/9", "title": "Add runs", "body": "They" });
    let changed = json!({ "number": 9, "html_url": "https://github.example/pull/9", "title": "Mine", "body": null });
    // What is listed, and how many pull requests are opened and edited.
    for (listed, opened, edited) in [(json!([]), 1, 0), (json!([open]), 0, 0), (json!([changed]), 0, 1)] {
        let server = MockServer::start().await;
        on(&server, "GET", "/repos/acme/shop", 200, json!({ "default_branch": "main" }), 1).await;
        let head = "/repos/acme/shop/git/ref/heads/loadgate/baseline-shop";
        on(&server, "GET", head, 404, refusal("Not Found"), 1).await;
        on(&server, "GET", "/repos/acme/shop/git/ref/heads/main", 200, head_of(), 1).await;
        on(&server, "POST", "/repos/acme/shop/git/refs", 201, json!({}), 1).await;
        on(&server, "GET", FILE, 404, refusal("Not Found"), 1).await;
        on(&server, "PUT", FILE, 201, json!({}), 1).await;
        on(&server, "GET", "/repos/acme/shop/pulls", 200, listed, 1).await;
        let written = |verb: &str, at: &str| {
            Mock::given(method(verb)).and(path(at)).respond_with(ResponseTemplate::new(201).set_body_json(&open))
        };
        written("POST", "/repos/acme/shop/pulls").expect(opened).mount(&server).await;
        written("PATCH", "/repos/acme/shop/pulls/9").expect(edited).mount(&server).await;
        let landed = landing(&server, &way).await.unwrap();
        assert_eq!(landed.pull_request.as_deref(), Some("https://github.example/pull/9"));
        assert_eq!(landed.branch, "loadgate/baseline-shop");
    }
}

#[test]
fn a_number_comes_before_the_extension() {
    assert_eq!(numbered("a/b.json", 1), "a/b.json");
    assert_eq!(numbered("a/b.json", 3), "a/b-3.json");
}
