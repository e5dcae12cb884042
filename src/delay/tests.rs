//! A proxy before real servers on free ports.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::routing::{any, get};
use axum::serve::ListenerExt;
use bytes::Bytes;
use futures_util::stream;
use http::header::{CONTENT_LENGTH, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{Response, StatusCode, Version};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::{Barrier, Notify};
use tokio_rustls::TlsAcceptor;
use url::Url;

use crate::dns::Resolver;

use super::{Delay, Proxy, Stats, Upstream};

type Http = Client<HttpConnector, Full<Bytes>>;

fn client() -> Http {
    Client::builder(TokioExecutor::new()).build_http()
}

fn upstream(origin: &str, roots: RootCertStore) -> Upstream {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let tls = Arc::new(tls.with_root_certificates(roots).with_no_client_auth());
    Upstream { origin: origin.parse().unwrap(), resolver: Resolver::offline(), place: None, tls }
}

fn before(origin: &str, delay: Delay) -> Proxy {
    Proxy::start(upstream(origin, RootCertStore::empty()), delay).unwrap()
}

/// Serves the routes, and counts the connections.
async fn serve(router: Router) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    let listener = listener.tap_io(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
    });
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}"), connections)
}

/// A server that sends these bytes to whoever connects and asks, and closes.
async fn serve_bytes(bytes: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(bytes).await;
        }
    });
    address
}

fn at(proxy: &Proxy, path: &str) -> String {
    proxy.url().join(path).unwrap().into()
}

async fn ask(http: &Http, url: &str) -> (StatusCode, String) {
    let response = http.get(url.parse().unwrap()).await.unwrap();
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test]
async fn a_request_and_its_answer_pass_unchanged_but_for_the_names_of_the_deployment() {
    let echo = async |request: Request| {
        let (head, body) = request.into_parts();
        let host = head.headers[HOST].to_str().unwrap().to_owned();
        let cookie = head.headers[COOKIE].to_str().unwrap().to_owned();
        Response::builder()
            .status(StatusCode::CREATED)
            .header(
                "x-seen",
                format!("{} {} {host} {cookie} {:?}", head.method, head.uri, head.headers.get("connection")),
            )
            .header(LOCATION, format!("http://{host}/made"))
            .header(SET_COOKIE, "session=7; Secure; HttpOnly")
            .body(body)
            .unwrap()
    };
    let (origin, _) = serve(Router::new().fallback(any(echo))).await;
    let proxy = before(&origin, Delay::None);
    let large = Bytes::from(vec![b'x'; 3 << 20]);
    let request = http::Request::put(at(&proxy, "/a/b?c=%20d&e"))
        .header(COOKIE, "a=1; b=2")
        .header("connection", "keep-alive")
        .body(Full::new(large.clone()));
    let response = client().request(request.unwrap()).await.unwrap();
    let host = origin.strip_prefix("http://").unwrap();
    assert_eq!(response.status(), StatusCode::CREATED);
    assert_eq!(response.headers()["x-seen"], format!("PUT /a/b?c=%20d&e {host} a=1; b=2 None"));
    assert_eq!(response.headers()[LOCATION], at(&proxy, "/made"));
    assert_eq!(response.headers()[SET_COOKIE], "session=7; HttpOnly");
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), large);
    let stats = proxy.stats();
    assert_eq!((stats.answers, stats.failures), (1, 0));
}

#[tokio::test]
async fn lengths_and_answers_without_a_body_are_kept() {
    let routes =
        Router::new().route("/text", get(async || "twelve bytes")).route("/none", get(async || StatusCode::NO_CONTENT));
    let (origin, _) = serve(routes).await;
    let (proxy, http) = (before(&origin, Delay::None), client());
    let text = http.get(at(&proxy, "/text").parse().unwrap()).await.unwrap();
    assert_eq!(text.headers()[CONTENT_LENGTH], "12");
    let head = http::Request::head(at(&proxy, "/text")).body(Full::default()).unwrap();
    let head = http.request(head).await.unwrap();
    assert_eq!((head.status(), &head.headers()[CONTENT_LENGTH]), (StatusCode::OK, &"12".parse().unwrap()));
    assert_eq!(ask(&http, &at(&proxy, "/none")).await, (StatusCode::NO_CONTENT, String::new()));
    assert_eq!(ask(&http, &at(&proxy, "/missing")).await.0, StatusCode::NOT_FOUND);
}

/// The deployment sends its second piece only when the first has arrived at the client.
#[tokio::test]
async fn a_body_is_passed_on_piece_by_piece() {
    let arrived = Arc::new(Notify::new());
    let wait = Arc::clone(&arrived);
    let pieces = move || {
        let wait = Arc::clone(&wait);
        let pieces = stream::unfold((0, wait), async |(number, wait)| {
            match number {
                0 => {}
                1 => wait.notified().await,
                _ => return None,
            }
            Some((Ok::<_, std::io::Error>(format!("piece {number};")), (number + 1, wait)))
        });
        async { Body::from_stream(pieces) }
    };
    let (origin, _) = serve(Router::new().route("/", get(pieces))).await;
    let proxy = before(&origin, Delay::Share(0.1));
    let mut body = client().get(proxy.url().as_str().parse().unwrap()).await.unwrap().into_body();
    let mut next = async || body.frame().await.map(|frame| frame.unwrap().into_data().unwrap());
    assert_eq!(next().await.unwrap(), "piece 0;");
    arrived.notify_one();
    assert_eq!(next().await.unwrap(), "piece 1;");
    assert!(next().await.is_none());
}

/// As a plan with `httpVersion: 2` asks.
#[tokio::test]
async fn clients_may_speak_http_2_with_prior_knowledge() {
    let echo =
        async |request: Request| format!("{:?} {}", request.version(), request.headers()[HOST].to_str().unwrap());
    let (origin, connections) = serve(Router::new().fallback(any(echo))).await;
    let proxy = before(&origin, Delay::Share(0.1));
    let http: Http = Client::builder(TokioExecutor::new()).http2_only(true).build_http();
    let response = http.get(at(&proxy, "/a").parse().unwrap()).await.unwrap();
    assert_eq!(response.version(), Version::HTTP_2);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, format!("HTTP/1.1 {}", origin.strip_prefix("http://").unwrap()));
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn connections_are_kept_on_both_sides() {
    let (origin, connections) = serve(Router::new().route("/", get(async || "here"))).await;
    let (proxy, http) = (before(&origin, Delay::None), client());
    for _ in 0..50 {
        assert_eq!(ask(&http, proxy.url().as_str()).await, (StatusCode::OK, "here".to_owned()));
    }
    assert_eq!(connections.load(Ordering::SeqCst), 1);
    assert_eq!(proxy.stats().answers, 50);
}

/// The deployment answers none of them before it has all of them.
#[tokio::test]
async fn several_hundred_requests_are_under_way_at_once() {
    const REQUESTS: usize = 200;
    let all = Arc::new(Barrier::new(REQUESTS));
    let wait = move || {
        let all = Arc::clone(&all);
        async move { if all.wait().await.is_leader() { "the last" } else { "" } }
    };
    let (origin, _) = serve(Router::new().route("/", get(wait))).await;
    let (proxy, http) = (before(&origin, Delay::Share(0.5)), client());
    let url = String::from(proxy.url());
    let asked: Vec<_> = (0..REQUESTS)
        .map(|_| {
            let (http, url) = (http.clone(), url.clone());
            tokio::spawn(async move { ask(&http, &url).await })
        })
        .collect();
    let mut leaders = 0;
    for answer in asked {
        let (status, body) = answer.await.unwrap();
        assert_eq!(status, StatusCode::OK);
        leaders += usize::from(body == "the last");
    }
    assert_eq!((leaders, proxy.stats().answers), (1, REQUESTS as u64));
}

/// By the proxy's own counts, in the median answer: others are later on a busy machine.
#[tokio::test]
async fn the_delay_is_the_share_of_the_time_that_the_deployment_took() {
    async fn work() -> &'static str {
        tokio::time::sleep(Duration::from_millis(10)).await;
        "done"
    }
    let (origin, _) = serve(Router::new().route("/", get(work))).await;
    for share in [0.0, 0.1, 0.5] {
        let (proxy, http) = (before(&origin, Delay::Share(share)), client());
        let (mut seen, mut added) = (Stats::default(), Vec::new());
        for _ in 0..41 {
            ask(&http, proxy.url().as_str()).await;
            let stats = proxy.stats();
            let (service, delay) = (stats.service - seen.service, stats.delay - seen.delay);
            assert!(service >= Duration::from_millis(10), "{service:?}");
            added.push(delay.as_secs_f64() / service.as_secs_f64());
            seen = stats;
        }
        added.sort_by(f64::total_cmp);
        let median = added[added.len() / 2];
        assert!((median - share).abs() < 0.15 && median >= share * 0.8, "{share}: {added:?}");
    }
}

/// A body that comes slowly is slower by the share, too; a fixed delay is paid once a request.
#[tokio::test]
async fn slow_bodies_owe_a_share_and_no_fixed_delay() {
    let drip = || async {
        Body::from_stream(stream::unfold(0, async |piece| {
            tokio::time::sleep(Duration::from_millis(10)).await;
            (piece < 5).then(|| (Ok::<_, std::io::Error>("drip"), piece + 1))
        }))
    };
    let (origin, _) = serve(Router::new().route("/", get(drip))).await;
    let shared = before(&origin, Delay::Share(1.0));
    let answer = ask(&client(), shared.url().as_str()).await;
    assert_eq!(answer, (StatusCode::OK, "drip".repeat(5)));
    let stats = shared.stats();
    assert!(stats.delay >= stats.service / 2 && stats.service >= Duration::from_millis(25), "{stats:?}");

    let fixed = before(&origin, Delay::Fixed(Duration::from_millis(100)));
    ask(&client(), fixed.url().as_str()).await;
    let paid = fixed.stats().delay;
    assert!(
        paid >= Duration::from_millis(100) && paid < Duration::from_millis(500),
        "not once for each piece: {paid:?}"
    );
}

#[tokio::test]
async fn a_deployment_that_refuses_is_told_as_502() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let proxy = before(&format!("http://{address}"), Delay::None);
    let (status, body) = ask(&client(), proxy.url().as_str()).await;
    assert_eq!(status, StatusCode::BAD_GATEWAY);
    assert!(body.starts_with(&format!("loadgate's delaying proxy got no answer from {address}: ")), "{body}");
    assert!(body.contains("onnection refused"), "{body}");
    assert_eq!((proxy.stats().answers, proxy.stats().failures), (0, 1));

    let unknown = before("http://no-such.example", Delay::None);
    let (status, body) = ask(&client(), unknown.url().as_str()).await;
    assert_eq!(status, StatusCode::BAD_GATEWAY);
    assert!(body.contains("`no-such.example` can't be resolved"), "{body}");
}

#[tokio::test]
async fn what_the_deployment_breaks_off_is_broken_off() {
    let address = serve_bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this").await;
    let proxy = before(&format!("http://{address}"), Delay::None);
    let response = client().get(proxy.url().as_str().parse().unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.into_body().collect().await.is_err(), "a body of 9 bytes out of 100 is no body");

    let garbage = serve_bytes(b"not HTTP at all\r\n\r\n").await;
    let proxy = before(&format!("http://{garbage}"), Delay::None);
    assert_eq!(ask(&client(), proxy.url().as_str()).await.0, StatusCode::BAD_GATEWAY);
}

#[tokio::test]
async fn a_deployment_of_https_is_verified_by_its_own_name() {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = own.cert.der().clone();
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![certificate.clone()], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let mut head = vec![0; 4096];
                let read = stream.read(&mut head).await.unwrap();
                let host = String::from_utf8_lossy(&head[..read]).to_lowercase().contains("host: localhost:");
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\n{host}");
                stream.write_all(answer.as_bytes()).await.unwrap();
                let _ = stream.shutdown().await;
            }
        }
    });
    let origin = format!("https://localhost:{port}");
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    // The name of the URL is verified, wherever the connection leads.
    let trusting = Upstream { place: Some(([127, 0, 0, 1], port).into()), ..upstream(&origin, roots) };
    let proxy = Proxy::start(trusting, Delay::None).unwrap();
    assert_eq!(ask(&client(), proxy.url().as_str()).await, (StatusCode::OK, "true".to_owned()));

    let doubting = before(&origin, Delay::None);
    let (status, body) = ask(&client(), doubting.url().as_str()).await;
    assert_eq!(status, StatusCode::BAD_GATEWAY);
    assert!(body.contains("UnknownIssuer") || body.contains("certificate"), "{body}");
}

#[tokio::test]
async fn a_proxy_that_was_dropped_listens_no_more() {
    let (origin, _) = serve(Router::new().route("/", get(async || "here"))).await;
    let proxy = before(&origin, Delay::None);
    let url: Url = proxy.url();
    ask(&client(), url.as_str()).await;
    drop(proxy);
    assert!(client().get(url.as_str().parse().unwrap()).await.is_err());
}
