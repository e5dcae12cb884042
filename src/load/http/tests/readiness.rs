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
    let vercel =
        || async { ([("set-cookie", "_vercel_sso_nonce=a")], Redirect::to("https://vercel.example/sso?url=x")) };
    let basic = || async { (StatusCode::UNAUTHORIZED, [("www-authenticate", "Basic realm=\"staging\"")], "no") };
    let challenge = || async { (StatusCode::FORBIDDEN, [("cf-mitigated", "challenge")], Html("<script>")) };
    let app = Router::new()
        .route("/sso", get(vercel))
        .route("/html", get(|| async { (StatusCode::UNAUTHORIZED, Html("<form>")) }))
        .route("/basic", get(basic))
        .route("/challenge", get(challenge))
        .route("/moved", get(|| async { Redirect::permanent("https://www.shop.example/") }))
        .route("/xml", get(|| async { (StatusCode::FORBIDDEN, [("content-type", "application/xml")], "<Error/>") }));
    let origin = serve_app(app).await;
    for (path, page, cure) in [
        ("/sso", "a login page or a challenge (303 to https://vercel.example)", "x-vercel-protection-bypass with"),
        ("/html", "a login page or a challenge (401 Unauthorized)", "a header from a secret under target.headers"),
        ("/basic", "a login page or a challenge (401 Unauthorized)", "authorization: \"Basic ${secret.LOGIN}\""),
        ("/challenge", "a login page or a challenge (403 Forbidden)", "WAF rule"),
        ("/moved", "sends to another host (308 to https://www.shop.example)", "use that as the target"),
    ] {
        let (result, attempts) = wait(&origin, path, Duration::from_secs(30)).await;
        let told = result.unwrap_err().to_string();
        assert_eq!(attempts.len(), 2, "{path}");
        assert!(told.contains(page) && told.contains(cure), "{told}");
    }
    let (result, _) = wait(&origin, "/xml", Duration::from_millis(100)).await;
    assert!(matches!(result, Err(NotReady::TimedOut { seen, .. }) if seen == "403 Forbidden"));
}

#[tokio::test]
async fn a_rate_limit_is_obeyed_and_named() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let limited = move || async move {
        match counter.fetch_add(1, Ordering::SeqCst) {
            0 => (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "1")]),
            _ => (StatusCode::OK, [("retry-after", "0")]),
        }
    };
    let long = || async { (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "3600")]) };
    let origin = serve_app(Router::new().route("/limited", get(limited)).route("/long", get(long))).await;
    let (result, attempts) = wait(&origin, "/limited", Duration::from_secs(30)).await;
    assert!(result.unwrap() >= Duration::from_secs(1));
    assert_eq!(attempts[0].seen, "429 Too Many Requests, a limit that asks to wait 1 s");
    let (result, _) = wait(&origin, "/long", Duration::from_secs(30)).await;
    let told = result.unwrap_err().to_string();
    assert!(told.contains("503 Service Unavailable") && told.contains("asks to wait 3600 s"), "{told}");
}

/// A page that sends elsewhere must not learn what lets a machine in.
#[tokio::test]
async fn another_host_never_gets_the_headers() {
    let (other, requests) = serve_always("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", true).await;
    let to = format!("http://{other}/login");
    let app = Router::new().route("/", get(move || async move { Redirect::to(&to) }));
    let (result, _) = wait(&serve_app(app).await, "/", Duration::from_millis(300)).await;
    assert!(result.is_err());
    assert!(requests.connections().is_empty(), "a redirect to another origin is told and not followed");
}
