use std::time::Duration;

use url::Url;
use wiremock::matchers::{body_partial_json, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::github::client::{Limits, Token};

const LIMITS: Limits = Limits {
    total: Duration::from_secs(5),
    request: Duration::from_secs(2),
    tries: 2,
    backoff: Duration::from_millis(5),
};

async fn read(server: &MockServer) -> Result<Option<Vec<Found>>, Error> {
    let url = Url::parse(&server.uri()).unwrap();
    let graphql = Url::parse(&format!("{}/graphql", server.uri())).unwrap();
    let client = Client::new(&Token::new("ghs_token".into()), &url, &graphql, LIMITS)?;
    let repository = Repository { owner: "acme".into(), name: "shop".into() };
    beneath(&client, &repository, "loadgate-baselines", "baselines/shop").await
}

async fn graphql(server: &MockServer, status: u16, reply: Value) {
    Mock::given(method("POST"))
        .and(path("/graphql"))
        .and(body_partial_json(json!({ "variables": {
            "owner": "acme", "name": "shop", "folder": "refs/heads/loadgate-baselines:baselines/shop"
        } })))
        .respond_with(ResponseTemplate::new(status).set_body_json(reply))
        .expect(1)
        .mount(server)
        .await;
}

fn tree(entries: Value) -> Value {
    json!({ "data": { "repository": { "object": { "entries": entries } } } })
}

async fn contents(server: &MockServer, at: &str, answer: ResponseTemplate) {
    Mock::given(method("GET"))
        .and(path(format!("/repos/acme/shop/contents/baselines/shop{at}")))
        .and(query_param("ref", "loadgate-baselines"))
        .respond_with(answer)
        .expect(1)
        .mount(server)
        .await;
}

fn found(name: &str, content: &str) -> Found {
    Found { name: name.into(), content: content.into() }
}

#[tokio::test]
async fn all_files_come_with_one_request() {
    let server = MockServer::start().await;
    let inner = json!([{ "name": "c.json", "object": { "isTruncated": false, "text": "three" } }]);
    graphql(
        &server,
        200,
        tree(json!([
            { "name": "a.json", "object": { "isTruncated": false, "text": "one" } },
            { "name": "README.md", "object": { "isTruncated": false, "text": "no run" } },
            { "name": "calibration", "object": { "entries": inner } },
        ])),
    )
    .await;
    assert_eq!(read(&server).await, Ok(Some(vec![found("a.json", "one"), found("calibration/c.json", "three")])));
}

#[tokio::test]
async fn what_is_too_large_for_one_answer_is_asked_for_alone() {
    let server = MockServer::start().await;
    graphql(
        &server,
        200,
        tree(json!([
            { "name": "cut.json", "object": { "isTruncated": true, "text": "o" } },
            { "name": "none.json", "object": { "isTruncated": false, "text": null } },
        ])),
    )
    .await;
    contents(&server, "/cut.json", ResponseTemplate::new(200).set_body_string("one")).await;
    contents(&server, "/none.json", ResponseTemplate::new(200).set_body_string("two")).await;
    assert_eq!(read(&server).await, Ok(Some(vec![found("cut.json", "one"), found("none.json", "two")])));
}

#[tokio::test]
async fn no_name_leads_out_of_the_folder() {
    let names =
        ["../a.json", "..", "/etc/a.json", "a\\b.json", "C:a.json", ".loadgate-x.json", "a\0.json", "", "a.json/.."];
    let blob = json!({ "isTruncated": false, "text": "x" });
    let mut entries: Vec<Value> = names.iter().map(|name| json!({ "name": name, "object": blob })).collect();
    entries.extend(
        names
            .iter()
            .map(|name| json!({ "name": name, "object": { "entries": [{ "name": "a.json", "object": blob }] } })),
    );
    entries.push(json!({ "name": "inner", "object": { "entries": entries } }));
    let server = MockServer::start().await;
    graphql(&server, 200, tree(entries.into())).await;
    assert_eq!(read(&server).await, Ok(Some(Vec::new())));
}

#[tokio::test]
async fn a_branch_or_folder_that_is_not_there_holds_nothing() {
    let server = MockServer::start().await;
    graphql(&server, 200, json!({ "data": { "repository": { "object": null } } })).await;
    assert_eq!(read(&server).await, Ok(None));
}

#[tokio::test]
async fn without_graphql_each_file_costs_a_request() {
    for (status, reply) in [(404, json!({ "message": "Not Found" })), (200, json!({ "data": { "viewer": {} } }))] {
        let server = MockServer::start().await;
        graphql(&server, status, reply).await;
        let listed = json!([
            { "type": "file", "name": "a.json", "size": 3 },
            { "type": "file", "name": "../b.json", "size": 3 },
            { "type": "dir", "name": "calibration", "size": 0 },
            { "type": "symlink", "name": "s.json", "size": 3 },
        ]);
        contents(&server, "", ResponseTemplate::new(200).set_body_json(listed)).await;
        let inner = json!([{ "type": "file", "name": "c.json", "size": 5 }]);
        contents(&server, "/calibration", ResponseTemplate::new(200).set_body_json(inner)).await;
        contents(&server, "/a.json", ResponseTemplate::new(200).set_body_string("one")).await;
        contents(&server, "/calibration/c.json", ResponseTemplate::new(200).set_body_string("three")).await;
        let expected = vec![found("a.json", "one"), found("calibration/c.json", "three")];
        assert_eq!(read(&server).await, Ok(Some(expected)), "{status}");
    }
}

#[tokio::test]
async fn a_wrong_token_is_told_at_once() {
    let server = MockServer::start().await;
    graphql(&server, 401, json!({ "message": "Bad credentials" })).await;
    assert!(matches!(read(&server).await, Err(Error::BadToken { .. })));
}
