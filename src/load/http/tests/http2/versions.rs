//! Which HTTP is spoken with whom.

use crate::load::http::wait_until_ready;
use crate::plan::target::Ready;

use super::*;

const SEAT: &str = "200 \"seat\"";

#[tokio::test]
async fn the_server_chooses_in_the_handshake() {
    for (protocols, version, spoken) in [
        (&["h2", "http/1.1"][..], HttpVersion::Auto, "HTTP/2.0 GET https://localhost"),
        (&["http/1.1", "h2"], HttpVersion::Auto, "GET / HTTP/1.1"),
        (&["http/1.1"], HttpVersion::Auto, "GET / HTTP/1.1"),
        (&[], HttpVersion::Auto, "GET / HTTP/1.1"),
        (&["h2", "http/1.1"], HttpVersion::One, "GET / HTTP/1.1"),
        (&["http/1.1", "h2"], HttpVersion::Two, "HTTP/2.0 GET https://localhost"),
    ] {
        on_worker(async {
            let (address, seen) = serve_tls(protocols).await;
            let session = session_with(speaking(version));
            for _ in 0..2 {
                assert_eq!(outcome(&send(&session, secure(address, "/")).await), SEAT, "{protocols:?} {version:?}");
            }
            assert!(seen.request(1).starts_with(spoken), "{protocols:?} {version:?}: {}", seen.request(1));
            assert_eq!(seen.connections(), [0, 0], "{protocols:?} {version:?}");
        })
        .await;
    }
}

#[tokio::test]
async fn without_tls_it_is_spoken_where_the_plan_says_so() {
    on_worker(async {
        let (address, seen) = serve_h2c(streams(100)).await;
        let session = http2();
        let first = send(&session, plain(address, "/a?b=c")).await;
        assert_eq!(outcome(&first), SEAT);
        assert!(first.phases.connecting > Duration::ZERO && first.phases.blocked >= first.phases.connecting);
        let second = send(&session, plain(address, "/slow")).await;
        assert_eq!((second.phases.blocked, second.phases.connecting), (Duration::ZERO, Duration::ZERO));
        assert!(second.phases.waiting > Duration::from_millis(55), "{:?}", second.phases);
        assert!(seen.request(0).starts_with(&format!("HTTP/2.0 GET http://{address}/a?b=c ")), "{}", seen.request(0));
        assert_eq!(seen.connections(), [0, 0]);
    })
    .await;
}

#[tokio::test]
async fn a_plan_that_insists_gets_http_2_or_a_failure_with_a_cure() {
    for protocols in [&["http/1.1"][..], &[]] {
        let (address, seen) = serve_tls(protocols).await;
        let exchange = send(&http2(), secure(address, "/")).await;
        assert_eq!(
            outcome(&exchange),
            "protocol: localhost does not offer HTTP/2 in the TLS handshake, and target.httpVersion insists on it: switch it \
             on at the server, or leave target.httpVersion out"
        );
        assert_eq!(seen.connections(), [] as [usize; 0]);
    }
}

#[tokio::test]
async fn a_server_of_another_protocol_is_told() {
    on_worker(async {
        let (address, _) = serve_always("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", true).await;
        assert_eq!(
            outcome(&send(&http2(), plain(address, "/")).await),
            "protocol: the server answers in HTTP/1: it does not speak HTTP/2 without TLS; leave target.httpVersion out"
        );
        let (address, _) = serve_always("SSH-2.0-OpenSSH_9.6\r\n", true).await;
        assert_eq!(
            outcome(&send(&http2(), plain(address, "/")).await),
            "protocol: the answer is no valid HTTP/2: FRAME_SIZE_ERROR (frame with invalid size)"
        );
        let (address, _) = serve_always("", true).await;
        // Closed or reset, by what the server has read before.
        let told = outcome(&send(&http2(), plain(address, "/")).await);
        assert!(told.starts_with("reset: the "), "{told}");
        assert!(told.ends_with("; does it speak HTTP/2 without TLS, as target.httpVersion says?"), "{told}");
        let acceptor = acceptor(&["h2"]);
        let address = serve(move |socket, _| {
            let acceptor = acceptor.clone();
            async move {
                let mut socket = acceptor.accept(socket).await.unwrap();
                read_head(&mut socket).await;
                socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.unwrap();
                let _ = socket.read_to_end(&mut Vec::new()).await;
            }
        })
        .await;
        assert_eq!(
            outcome(&send(&session_with(speaking(HttpVersion::Auto)), secure(address, "/")).await),
            "protocol: the server chose HTTP/2 in the TLS handshake, but answers in HTTP/1; set target.httpVersion to `1.1`"
        );
    })
    .await;
}

#[tokio::test]
async fn a_redirect_leads_to_another_version_and_back() {
    on_worker(async {
        let (https, seen) = serve_tls(&["h2", "http/1.1"]).await;
        let back = format!("https://localhost:{}/done", https.port());
        let found = format!("HTTP/1.1 302 Found\r\nLocation: {back}\r\nContent-Length: 0\r\n\r\n");
        let (http, requests) = serve_always(found, false).await;
        let session = session_with(speaking(HttpVersion::Auto));
        let exchanges = send_all(&session, secure(https, &format!("/redirect?http://{http}/there"))).await;
        let told: Vec<String> = exchanges.iter().map(outcome).collect();
        assert_eq!(told, ["302 \"seat\"", "302 \"\"", SEAT]);
        assert_eq!(requests.head(0).lines().next(), Some("GET /there HTTP/1.1"));
        assert_eq!(seen.connections(), [0, 0]);
        assert!(seen.request(1).starts_with(&format!("HTTP/2.0 GET {back} ")), "{}", seen.request(1));
        assert!(seen.request(1).contains("cookie: queue=7"), "{}", seen.request(1));
    })
    .await;
}

#[tokio::test]
async fn readiness_is_asked_for_in_the_same_version() {
    for (version, ready) in [(HttpVersion::Two, true), (HttpVersion::Auto, false)] {
        let (address, _) = serve_h2c(streams(100)).await;
        let client = Client::new(speaking(version)).unwrap();
        let within = Duration::from_millis(if ready { 5000 } else { 100 });
        let check = Ready { path: "/".into(), status: http::StatusCode::OK, within };
        let origin = format!("http://{address}").parse().unwrap();
        let result = wait_until_ready(&client, &origin, &HeaderMap::new(), &check, |_| {}).await;
        assert_eq!(result.is_ok(), ready, "{version:?}: {result:?}");
    }
    let (address, seen) = serve_tls(&["h2", "http/1.1"]).await;
    let client = Client::new(speaking(HttpVersion::Auto)).unwrap();
    let check = Ready { path: "/".into(), status: http::StatusCode::OK, within: Duration::from_secs(5) };
    let origin = secure(address, "").url;
    wait_until_ready(&client, &origin, &HeaderMap::new(), &check, |_| {}).await.unwrap();
    assert!(seen.request(0).starts_with("HTTP/2.0 GET https://localhost"), "{}", seen.request(0));
}
