use std::time::Duration;

use serde_json::{Value, json};
use url::Url;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::github::client::{Limits, Token};

const LIMITS: Limits = Limits {
    total: Duration::from_secs(2),
    request: Duration::from_millis(500),
    tries: 2,
    backoff: Duration::from_millis(5),
};

fn artifact(id: u64, name: &str, size: u64, expired: bool) -> Value {
    json!({ "id": id, "name": name, "size_in_bytes": size, "expired": expired })
}

/// GitHub, whose artifact 2 lies on another server.
async fn github(artifacts: &[Value], storage: &MockServer) -> MockServer {
    let server = MockServer::start().await;
    let list = json!({ "total_count": artifacts.len(), "artifacts": artifacts });
    Mock::given(path("/repos/acme/shop/actions/runs/500/artifacts"))
        .and(header("authorization", "Bearer ghs_token"))
        .respond_with(ResponseTemplate::new(200).set_body_json(list))
        .mount(&server)
        .await;
    let location = format!("{}/blob?key=secret", storage.uri());
    Mock::given(path("/repos/acme/shop/actions/artifacts/2/zip"))
        .and(header("authorization", "Bearer ghs_token"))
        .respond_with(ResponseTemplate::new(302).insert_header("location", location))
        .mount(&server)
        .await;
    server
}

async fn storage(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("GET")).and(path("/blob")).respond_with(answer).mount(&server).await;
    server
}

async fn download_from(server: &MockServer, most: usize) -> Result<Artifact, Error> {
    let url = Url::parse(&server.uri()).unwrap();
    let client = Client::new(&Token::new("ghs_token".into()), &url, &url, LIMITS).unwrap();
    let repository = Repository { owner: "acme".into(), name: "shop".into() };
    download(&client, &repository, 500, "loadgate", most).await
}

#[tokio::test]
async fn the_newest_of_the_name_is_read_and_the_token_stays_with_github() {
    let storage = storage(ResponseTemplate::new(200).set_body_bytes("PK")).await;
    let artifacts =
        [artifact(1, "loadgate", 2, false), artifact(2, "loadgate", 2, false), artifact(3, "logs", 2, false)];
    let server = github(&artifacts, &storage).await;
    assert_eq!(download_from(&server, 100).await, Ok(Artifact::Zip(b"PK".to_vec())));
    let requests = storage.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    assert!(!requests[0].headers.contains_key("authorization"), "{requests:?}");
}

#[tokio::test]
async fn what_is_not_there_or_too_large_is_not_downloaded() {
    for (artifacts, expected) in [
        (vec![], Artifact::Missing),
        (vec![artifact(2, "loadgate-old", 2, false)], Artifact::Missing),
        (vec![artifact(2, "loadgate", 2, true)], Artifact::Expired),
        (vec![artifact(2, "loadgate", 101, false)], Artifact::TooLarge),
    ] {
        let storage = storage(ResponseTemplate::new(200)).await;
        let server = github(&artifacts, &storage).await;
        assert_eq!(download_from(&server, 100).await, Ok(expected), "{artifacts:?}");
        assert!(storage.received_requests().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_size_that_lies_ends_the_download() {
    let storage = storage(ResponseTemplate::new(200).set_body_bytes(vec![b'x'; 100_000])).await;
    let server = github(&[artifact(2, "loadgate", 2, false)], &storage).await;
    assert_eq!(download_from(&server, 100).await, Ok(Artifact::TooLarge));
}

/// The URL of the storage is a key to the artifact: no error tells it.
#[tokio::test]
async fn a_storage_that_fails_is_named_without_its_key() {
    let further = ResponseTemplate::new(302).insert_header("location", "http://127.0.0.1:1/?key=secret");
    for answer in [ResponseTemplate::new(403), further, ResponseTemplate::new(200).set_delay(Duration::from_secs(5))] {
        let storage = storage(answer).await;
        let server = github(&[artifact(2, "loadgate", 2, false)], &storage).await;
        let error = download_from(&server, 100).await.unwrap_err().to_string();
        assert!(!error.contains("secret"), "{error}");
    }
}
