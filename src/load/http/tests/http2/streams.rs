//! What a stream carries, and how it ends.

use super::*;

#[tokio::test]
async fn headers_are_those_of_http_2() {
    on_worker(async {
        let (address, seen) = serve_h2c(streams(100)).await;
        let mut outgoing = request("POST", format!("http://{address}/seats"));
        for (name, value) in [
            ("Connection", "keep-alive"),
            ("Keep-Alive", "timeout=5"),
            ("Transfer-Encoding", "chunked"),
            ("TE", "gzip"),
            ("Upgrade", "h2c"),
            ("X-Trace", "7"),
            ("Host", "shop.test"),
            ("Cookie", "own=1"),
            ("Content-Length", "99"),
        ] {
            outgoing.headers.append(name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap());
        }
        outgoing.body = Bytes::from_static(b"seat 12");
        let session = http2();
        let exchange = send(&session, outgoing.clone()).await;
        assert_eq!(exchange.outcome.unwrap().headers["x-uploaded"], "7");
        let expected = concat!(
            "HTTP/2.0 POST http://shop.test/seats content-length: 7, cookie: own=1, user-agent: loadgate/",
            env!("CARGO_PKG_VERSION"),
            ", x-trace: 7"
        );
        assert_eq!(seen.request(0), expected);
        outgoing.body = Bytes::new();
        send(&session, outgoing.clone()).await.outcome.unwrap();
        assert!(seen.request(1).contains(" content-length: 0, cookie: own=1; queue=7, "), "{}", seen.request(1));
        outgoing.headers.insert("host", "no host".parse().unwrap());
        assert_eq!(
            outcome(&send(&session, outgoing).await),
            "protocol: the header `host: \"no host\"` is no authority in HTTP/2: invalid uri character"
        );
    })
    .await;
}

#[tokio::test]
async fn heads_and_early_hints_are_read_as_such() {
    on_worker(async {
        let (address, _) = serve_h2c(streams(100)).await;
        let session = http2();
        assert_eq!(outcome(&send(&session, plain(address, "/hints")).await), "200 \"seat\"");
        let head = request("HEAD", format!("http://{address}/"));
        assert!(send(&session, head).await.outcome.is_err(), "an answer to HEAD has no body");
        assert_eq!(outcome(&send(&session, plain(address, "/")).await), "200 \"seat\"", "the connection goes on");
    })
    .await;
}

#[tokio::test]
async fn a_body_over_the_limit_is_read_counted_and_not_kept() {
    on_worker(async {
        let (address, _) = serve_h2c(streams(100)).await;
        let session = session_with(ClientSettings { max_body: 1000, ..speaking(HttpVersion::Two) });
        for exchange in at_once(&session, (0..3).map(|_| plain(address, "/big"))).await {
            let answer = exchange.outcome.unwrap();
            assert!(answer.truncated && answer.body.is_empty());
            assert!(exchange.phases.receiving > Duration::ZERO);
        }
        let session = http2();
        let answer = send(&session, plain(address, "/big")).await.outcome.unwrap();
        assert_eq!(answer.body.len(), BIG);
    })
    .await;
}

#[tokio::test]
async fn an_upload_is_sent_as_the_server_takes_it() {
    on_worker(async {
        let (address, _) = serve_h2c(streams(100)).await;
        let session = http2();
        let mut outgoing = request("POST", format!("http://{address}/"));
        outgoing.body = vec![b'x'; 1 << 20].into();
        let exchange = send(&session, outgoing.clone()).await;
        assert!(exchange.sent > 1 << 20 && exchange.phases.sending > Duration::ZERO, "{exchange:?}");
        assert_eq!(exchange.outcome.unwrap().headers["x-uploaded"], (1 << 20).to_string());
        outgoing.url.set_path("/stall");
        let exchange = send(&session, within(300, outgoing)).await;
        assert_eq!(outcome(&exchange), "timeout: the request was not sent within 0.3 s");
        assert!(exchange.sent > 60_000 && exchange.sent < 80_000, "one window of it: {}", exchange.sent);
        assert_eq!(exchange.phases.waiting, Duration::ZERO);
        assert_eq!(outcome(&send(&session, plain(address, "/")).await), "200 \"seat\"");
    })
    .await;
}

#[tokio::test]
async fn a_time_out_resets_the_stream_and_keeps_the_connection() {
    on_worker(async {
        let (address, seen) = serve_h2c(streams(100)).await;
        let session = http2();
        let exchanges = at_once(&session, [within(80, plain(address, "/never")), plain(address, "/slow")]).await;
        assert_eq!(outcome(&exchanges[0]), "timeout: no answer within 0.08 s");
        assert!(exchanges[0].phases.waiting > Duration::ZERO, "{:?}", exchanges[0].phases);
        assert_eq!(outcome(&exchanges[1]), "200 \"seat\"");
        seen.until("the stream is reset", |log| log.resets == [Reason::CANCEL]).await;
        assert_eq!(outcome(&send(&session, plain(address, "/")).await), "200 \"seat\"");
        assert_eq!(seen.connections(), [0, 0, 0]);
    })
    .await;
}

#[tokio::test]
async fn a_dropped_request_resets_the_stream_and_keeps_the_connection() {
    on_worker(async {
        let (address, seen) = serve_h2c(streams(100)).await;
        let session = http2();
        cut_off(&session, plain(address, "/never"), &seen).await;
        seen.until("the stream is reset", |log| log.resets == [Reason::CANCEL]).await;
        assert_eq!(outcome(&send(&session, plain(address, "/")).await), "200 \"seat\"");
        assert_eq!(seen.connections(), [0, 0]);
    })
    .await;
}

#[tokio::test]
async fn the_servers_limit_is_kept_by_waiting_which_counts_as_blocked() {
    on_worker(async {
        let (address, seen) = serve_h2c(streams(2)).await;
        let session = http2();
        send(&session, plain(address, "/")).await.outcome.unwrap();
        let exchanges = at_once(&session, (0..6).map(|_| plain(address, "/slow"))).await;
        for (exchange, turn) in exchanges.iter().zip([0, 0, 1, 1, 2, 2]) {
            assert_eq!(outcome(exchange), "200 \"seat\"");
            let phases = &exchange.phases;
            assert!(phases.blocked >= Duration::from_millis(turn * 60), "turn {turn}: {phases:?}");
            assert_eq!(phases.blocked.is_zero(), turn == 0, "turn {turn}: {phases:?}");
            // Together they'd be as long as three turns: the wait is no part of the response time.
            assert!(turn < 2 || phases.duration() < phases.blocked, "turn {turn}: {phases:?}");
        }
        assert_eq!((seen.connections(), seen.read(|log| log.most_open)), (vec![0; 7], 2));
        let waiting = at_once(
            &session,
            [
                within(100, plain(address, "/never")),
                within(100, plain(address, "/never")),
                within(50, plain(address, "/")),
            ],
        )
        .await;
        let told = "timeout: the server allows no more streams at once and none became free within 0.05 s";
        assert_eq!(outcome(&waiting[2]), told);
    })
    .await;
}

#[tokio::test]
async fn streams_refused_before_the_limit_was_known_are_sent_again() {
    on_worker(async {
        let (address, seen) = serve_h2c(streams(2)).await;
        let exchanges = at_once(&http2(), (0..8).map(|_| plain(address, "/slow"))).await;
        for exchange in &exchanges {
            assert_eq!(outcome(exchange), "200 \"seat\"");
        }
        assert!(exchanges[7].phases.blocked > Duration::from_millis(55), "{:?}", exchanges[7].phases);
        assert_eq!((seen.connections(), seen.read(|log| log.most_open)), (vec![0; 8], 2));
    })
    .await;
}
