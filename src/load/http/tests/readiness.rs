//! Waiting for a deployment.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::response::{Html, Redirect};
use axum::routing::get;
use http::StatusCode;
use url::Url;

use crate::load::http::{Attempt, NotReady, wait_until_ready};
use crate::plan::target::Ready;

use super::encryption::{serve_https, trusting};
use super::*;

async fn serve_app(app: Router) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    format!("http://{address}").parse().unwrap()
}

async fn wait(origin: &Url, path: &str, within: Duration) -> (Result<Duration, NotReady>, Vec<Attempt>) {
    wait_with(settings(), origin, path, within).await
}

async fn wait_with(
    settings: ClientSettings,
    origin: &Url,
    path: &str,
    within: Duration,
) -> (Result<Duration, NotReady>, Vec<Attempt>) {
    let client = Client::new(settings).unwrap();
    let ready = Ready { path: path.into(), status: StatusCode::OK, within };
    let mut headers = HeaderMap::new();
    headers.insert("x-bypass", "secret".parse().unwrap());
    let mut attempts = Vec::new();
    let result = wait_until_ready(&client, origin, &headers, &ready, |attempt| attempts.push(attempt.clone())).await;
    (result, attempts)
}

#[tokio::test]
async fn a_deployment_is_awaited_and_its_headers_sent() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let health = move |headers: HeaderMap| async move {
        let number = counter.fetch_add(1, Ordering::SeqCst);
        let known = headers.get("x-bypass").is_some_and(|value| value == "secret");
        if known && number >= 2 { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
    };
    let app = Router::new().route("/health", get(health)).route("/", get(|| async { Redirect::temporary("/health") }));
    let origin = serve_app(app).await;
    let (result, attempts) = wait(&origin, "/", Duration::from_secs(30)).await;
    result.unwrap();
    let seen: Vec<_> = attempts.iter().map(|attempt| (attempt.number, attempt.seen.as_str())).collect();
    assert_eq!(seen, [(1, "503 Service Unavailable"), (2, "503 Service Unavailable")]);
}

#[tokio::test]
async fn a_deployment_that_never_answers_is_told_with_what_was_seen() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let origin: Url = format!("http://{closed}").parse().unwrap();
    let mut with_password = origin.clone();
    with_password.set_username("mary").unwrap();
    with_password.set_password(Some("pass")).unwrap();
    let (result, attempts) = wait(&with_password, "/health", Duration::from_millis(400)).await;
    let told = result.unwrap_err().to_string();
    assert!(told.starts_with(&format!("{origin}health did not answer 200 OK within 0.4 s (")), "{told}");
    assert!(told.contains(&format!("({} attempts; last: ", attempts.len())), "{told}");
    assert!(told.contains("refused the connection: nothing listens there"), "{told}");
    assert!(attempts.len() > 1);

    let hangs = serve(|socket, _| async move {
        std::future::pending::<()>().await;
        drop(socket);
    })
    .await;
    let (result, _) = wait(&format!("http://{hangs}").parse().unwrap(), "/", Duration::from_millis(100)).await;
    assert!(result.unwrap_err().to_string().contains("last: no answer in time"));
}

#[tokio::test]
async fn the_check_trusts_whom_the_load_trusts() {
    let (address, authority, requests) = serve_https(&["localhost"]).await;
    let origin: Url = format!("https://localhost:{}", address.port()).parse().unwrap();
    let (result, attempts) = wait(&origin, "/", Duration::from_millis(100)).await;
    assert!(result.is_err());
    assert!(attempts[0].seen.contains("UnknownIssuer"), "{}", attempts[0].seen);
    wait_with(trusting(authority), &origin, "/", Duration::from_secs(30)).await.0.unwrap();
    assert_eq!(requests.connections().len(), 1);
}

#[tokio::test]
async fn a_login_page_ends_the_wait_with_a_cure() {
    let app = Router::new()
        .route("/sso", get(|| async { Redirect::to("https://vercel.example/sso?url=x") }))
        .route("/html", get(|| async { (StatusCode::UNAUTHORIZED, Html("<form>")) }))
        .route("/api", get(|| async { (StatusCode::UNAUTHORIZED, "{}") }));
    let origin = serve_app(app).await;
    for (path, seen) in [("/sso", "303 to https://vercel.example"), ("/html", "401 with HTML")] {
        let (result, attempts) = wait(&origin, path, Duration::from_secs(30)).await;
        let told = result.unwrap_err().to_string();
        assert_eq!(attempts.len(), 2, "{path}");
        assert_eq!(
            told,
            format!(
                "{}{path} shows a login page ({seen}): the deployment is protected; send what lets a machine in as a header \
                 under target.headers (on Vercel x-vercel-protection-bypass with the project's secret) or switch the \
                 protection off",
                origin.as_str().trim_end_matches('/')
            )
        );
    }
    let (result, _) = wait(&origin, "/api", Duration::from_millis(100)).await;
    assert!(matches!(result, Err(NotReady::TimedOut { seen, .. }) if seen == "401 Unauthorized"));
}
