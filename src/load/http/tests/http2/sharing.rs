//! Who shares a connection, and who opens one.

use tokio::net::TcpStream;

use super::*;

fn oks(exchanges: &[Exchange]) {
    for exchange in exchanges {
        assert_eq!(exchange.outcome.as_ref().map(|answer| answer.status.as_u16()).map_err(|f| &f.message), Ok(200));
    }
}

#[tokio::test]
async fn requests_at_once_are_streams_of_one_connection() {
    on_worker(async {
        let (tls, tls_seen) = serve_tls(&["h2"]).await;
        let (h2c, h2c_seen) = serve_h2c(streams(100)).await;
        let auto = session_with(speaking(HttpVersion::Auto));
        let insisting = http2();
        for _ in 0..2 {
            oks(&at_once(&auto, (0..20).map(|_| secure(tls, "/slow"))).await);
            oks(&at_once(&insisting, (0..20).map(|_| plain(h2c, "/slow"))).await);
        }
        for seen in [tls_seen, h2c_seen] {
            assert_eq!(seen.connections(), [0; 40]);
            assert!(seen.read(|log| log.most_open) > 10, "they are under way at once");
        }
    })
    .await;
}

#[tokio::test]
async fn who_shares_a_dial_is_blocked_for_as_long_and_counts_no_handshake() {
    on_worker(async {
        let (address, _) = serve_tls(&["h2"]).await;
        let exchanges = at_once(&session_with(speaking(HttpVersion::Auto)), (0..3).map(|_| secure(address, "/"))).await;
        oks(&exchanges);
        let dialled = &exchanges[0].phases;
        assert!(dialled.tls_handshaking > Duration::ZERO && dialled.connecting > Duration::ZERO);
        for Exchange { phases, .. } in &exchanges[1..] {
            assert_eq!((phases.connecting, phases.tls_handshaking), (Duration::ZERO, Duration::ZERO));
            assert!(phases.blocked >= dialled.tls_handshaking, "{phases:?} {dialled:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_server_of_http_1_1_is_found_out_once_and_dialled_by_each() {
    on_worker(async {
        let (address, seen) = serve_tls(&["http/1.1"]).await;
        let client = Client::new(speaking(HttpVersion::Auto)).unwrap();
        let session = Session::new(client.clone());
        oks(&at_once(&session, (0..3).map(|_| secure(address, "/"))).await);
        let mut connections = seen.connections();
        connections.sort_unstable();
        assert_eq!(connections, [0, 1, 2]);
        assert!(!client.may_share(&secure(address, "/").url), "the next virtual user does not wait");
        oks(&at_once(&Session::new(client), (0..3).map(|_| secure(address, "/"))).await);
    })
    .await;
}

#[tokio::test]
async fn a_dial_that_fails_fails_all_that_wait_for_it() {
    let hits = Arc::new(Mutex::new(0));
    let counted = hits.clone();
    let address = serve(move |mut socket, _| {
        *counted.lock().unwrap() += 1;
        async move {
            let _ = socket.read(&mut [0; 100]).await;
        }
    })
    .await;
    let exchanges = at_once(&session_with(speaking(HttpVersion::Auto)), (0..5).map(|_| secure(address, "/"))).await;
    for exchange in exchanges {
        assert!(outcome(&exchange).starts_with("tls: TLS handshake with localhost: "), "{}", outcome(&exchange));
    }
    assert_eq!(*hits.lock().unwrap(), 1);
}

#[tokio::test]
async fn a_dial_that_is_given_up_is_taken_over() {
    on_worker(async {
        let acceptor = acceptor(&["h2"]);
        let seen = Seen::default();
        let log = seen.clone();
        // The first handshake hangs.
        let address = serve(move |socket, number| {
            let (acceptor, log) = (acceptor.clone(), log.clone());
            async move {
                if number == 0 {
                    std::future::pending::<()>().await;
                }
                speak(acceptor.accept(socket).await.unwrap(), number, streams(10), log).await;
            }
        })
        .await;
        let session = session_with(speaking(HttpVersion::Auto));
        let impatient = within(100, secure(address, "/"));
        let exchanges =
            at_once(&session, [impatient, secure(address, "/"), within(150, secure(address, "/never"))]).await;
        assert_eq!(outcome(&exchanges[0]), "timeout: the TLS handshake was not complete within 0.1 s");
        assert_eq!(outcome(&exchanges[1]), "200 \"seat\"");
        assert!(exchanges[1].phases.blocked > Duration::from_millis(95), "{:?}", exchanges[1].phases);
        let told = outcome(&exchanges[2]);
        assert!(told.starts_with("timeout: "), "{told}");
        assert_eq!(seen.connections()[0], 1);
    })
    .await;
}

#[tokio::test]
async fn waiting_for_a_dial_is_within_the_time_limit() {
    let address = serve(|socket, _| async move {
        std::future::pending::<()>().await;
        drop(socket);
    })
    .await;
    let session = session_with(speaking(HttpVersion::Auto));
    let exchanges = at_once(&session, [within(200, secure(address, "/")), within(100, secure(address, "/"))]).await;
    let told = outcome(&exchanges[1]);
    assert_eq!(told, "timeout: the connection to share with other requests was not open within 0.1 s");
    assert!(exchanges[1].phases.blocked > Duration::from_millis(95));
    assert_eq!((exchanges[1].sent, exchanges[1].received), (0, 0));
}

#[tokio::test]
async fn connections_are_not_kept_where_the_plan_says_so() {
    on_worker(async {
        let (address, seen) = serve_h2c(streams(100)).await;
        let session = session_with(ClientSettings { no_connection_reuse: true, ..speaking(HttpVersion::Two) });
        oks(&at_once(&session, (0..2).map(|_| plain(address, "/"))).await);
        oks(&[send(&session, plain(address, "/")).await]);
        let mut connections = seen.connections();
        connections.sort_unstable();
        assert_eq!(connections, [0, 1, 2]);
        assert!(!seen.request(0).contains("connection: "), "{}", seen.request(0));
        seen.until("all are closed", |log| log.closed == 3).await;

        let (address, seen) = serve_h2c(streams(100)).await;
        let session = session_with(ClientSettings { no_vu_connection_reuse: true, ..speaking(HttpVersion::Two) });
        for _ in 0..2 {
            oks(&at_once(&session, (0..2).map(|_| plain(address, "/"))).await);
            session.end_iteration();
        }
        assert_eq!(seen.connections(), [0, 0, 1, 1]);
        seen.until("both are closed", |log| log.closed == 2).await;
    })
    .await;
}

/// Passes all bytes on to a server and counts them.
async fn counting_proxy(server: SocketAddr) -> (SocketAddr, Arc<Mutex<(u64, u64)>>) {
    let counts = Arc::new(Mutex::new((0, 0)));
    let total = counts.clone();
    let address = serve(move |client, _| {
        let total = total.clone();
        async move {
            let server = TcpStream::connect(server).await.unwrap();
            let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
                (client.into_split(), server.into_split());
            let up = async {
                let mut buffer = [0; 65536];
                while let Ok(count @ 1..) = from_client.read(&mut buffer).await {
                    total.lock().unwrap().0 += count as u64;
                    to_server.write_all(&buffer[..count]).await.unwrap();
                }
            };
            let down = async {
                let mut buffer = [0; 65536];
                while let Ok(count @ 1..) = from_server.read(&mut buffer).await {
                    total.lock().unwrap().1 += count as u64;
                    let _ = to_client.write_all(&buffer[..count]).await;
                }
            };
            tokio::join!(up, down);
        }
    })
    .await;
    (address, counts)
}

#[tokio::test]
async fn bytes_of_a_shared_connection_are_counted_once() {
    on_worker(async {
        let (server, _) = serve_h2c(streams(100)).await;
        let (proxy, counts) = counting_proxy(server).await;
        let session = http2();
        let mut exchanges = vec![send(&session, plain(proxy, "/")).await];
        exchanges.extend(at_once(&session, (0..10).map(|index| plain(proxy, ["/slow", "/", "/big"][index % 3]))).await);
        exchanges.push(send(&session, within(30, plain(proxy, "/never"))).await);
        exchanges.push(send(&session, plain(proxy, "/slow")).await);
        let sent: u64 = exchanges.iter().map(|exchange| exchange.sent).sum();
        let received: u64 = exchanges.iter().map(|exchange| exchange.received).sum();
        assert_eq!((sent, received), *counts.lock().unwrap());
        assert!(received > 3 * BIG as u64);
    })
    .await;
}
