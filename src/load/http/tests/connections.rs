//! Which connection a request takes.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc;
use tokio::task::yield_now;

use super::*;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request() {
    let (address, requests) = serve_always(OK, false).await;
    let session = session();
    let first = send(&session, get(address)).await;
    assert!(first.phases.connecting > Duration::ZERO);
    assert!(first.phases.blocked >= first.phases.connecting);
    session.end_iteration();
    let second = send(&session, get(address)).await;
    assert_eq!((second.phases.blocked, second.phases.connecting), (Duration::ZERO, Duration::ZERO));
    assert_eq!(requests.connections(), [0, 0]);
}

#[tokio::test]
async fn connections_are_not_kept_where_the_plan_says_so() {
    let (address, requests) = serve_always(OK, false).await;
    let session = session_with(ClientSettings { no_connection_reuse: true, ..settings() });
    for _ in 0..2 {
        send(&session, get(address)).await.outcome.unwrap();
    }
    assert_eq!(requests.connections(), [0, 1]);
    assert_eq!(requests.header(0, "connection").as_deref(), Some("close"));

    let (address, requests) = serve_always(OK, false).await;
    let session = session_with(ClientSettings { no_vu_connection_reuse: true, ..settings() });
    for _ in 0..2 {
        send(&session, get(address)).await.outcome.unwrap();
        send(&session, get(address)).await.outcome.unwrap();
        session.end_iteration();
    }
    assert_eq!(requests.connections(), [0, 0, 1, 1]);
}

#[tokio::test]
async fn requests_at_once_take_a_connection_each() {
    let (address, requests) = serve_always(OK, false).await;
    let session = session();
    for _ in 0..2 {
        let (first, second, third) =
            tokio::join!(send(&session, get(address)), send(&session, get(address)), send(&session, get(address)));
        for exchange in [first, second, third] {
            assert_eq!(outcome(&exchange), "200 \"\"");
        }
    }
    let mut connections = requests.connections();
    connections.sort_unstable();
    assert_eq!(connections, [0, 0, 1, 1, 2, 2], "three connections, all kept");
}

#[tokio::test]
async fn connections_to_different_origins_are_told_apart() {
    let (one, requests_of_one) = serve_always(OK, false).await;
    let (other, requests_of_other) = serve_always(OK, false).await;
    let session = session();
    for _ in 0..2 {
        send(&session, get(one)).await.outcome.unwrap();
        send(&session, get(other)).await.outcome.unwrap();
        send(&session, request("GET", format!("http://localhost:{}/", one.port()))).await.outcome.unwrap();
    }
    assert_eq!(requests_of_one.connections(), [0, 1, 0, 1]);
    assert_eq!(requests_of_other.connections(), [0, 0]);
}

/// A server that answers the first request of a connection and closes at the second, having read it.
async fn serve_one_each() -> (SocketAddr, Requests) {
    let requests = Requests::default();
    let seen = requests.clone();
    let address = serve(move |mut socket, number| {
        let seen = seen.clone();
        async move {
            seen.push(number, read_head(&mut socket).await.unwrap());
            socket.write_all(OK.as_bytes()).await.unwrap();
            if let Some(head) = read_head(&mut socket).await {
                seen.push(number, head);
            }
        }
    })
    .await;
    (address, requests)
}

/// Method and headers of a request that meets a connection which the server closes after reading it.
#[tokio::test]
async fn only_a_harmless_request_is_repeated() {
    const FAILED: &str = "reset: the server closed the connection without an answer";
    for (method, idempotency_key, expected, connections) in [
        ("GET", false, "200 \"\"", &[0, 0, 1][..]),
        ("HEAD", false, "200 \"\"", &[0, 0, 1]),
        ("OPTIONS", false, "200 \"\"", &[0, 0, 1]),
        ("POST", false, FAILED, &[0, 0]),
        ("PUT", false, FAILED, &[0, 0]),
        ("DELETE", false, FAILED, &[0, 0]),
        ("POST", true, "200 \"\"", &[0, 0, 1]),
    ] {
        let (address, requests) = serve_one_each().await;
        let session = session();
        send(&session, get(address)).await.outcome.unwrap();
        let mut outgoing = request(method, format!("http://{address}/"));
        if idempotency_key {
            outgoing.headers.insert("idempotency-key", "7".parse().unwrap());
        }
        let exchange = send(&session, outgoing).await;
        assert_eq!(outcome(&exchange), expected, "{method}");
        assert_eq!(requests.connections(), connections, "{method}");
        let sent: usize = (1..connections.len()).map(|index| requests.head(index).len()).sum();
        assert_eq!(exchange.sent, sent as u64, "{method}: what was sent in vain is counted");
    }
}

#[tokio::test]
async fn a_fresh_connection_that_breaks_is_not_tried_again() {
    let accepted = Arc::new(AtomicUsize::new(0));
    let counter = accepted.clone();
    let address = serve(move |mut socket, _| {
        counter.fetch_add(1, Ordering::SeqCst);
        async move {
            read_head(&mut socket).await;
        }
    })
    .await;
    send(&session(), get(address)).await.outcome.unwrap_err();
    assert_eq!(accepted.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn any_request_moves_on_from_a_connection_that_was_closed_while_idle() {
    let (closed, mut wait_for_close) = mpsc::unbounded_channel();
    let requests = Requests::default();
    let seen = requests.clone();
    let address = serve(move |mut socket, number| {
        let (seen, closed) = (seen.clone(), closed.clone());
        async move {
            seen.push(number, read_head(&mut socket).await.unwrap());
            socket.write_all(OK.as_bytes()).await.unwrap();
            drop(socket);
            closed.send(()).unwrap();
        }
    })
    .await;
    let session = session();
    for _ in 0..2 {
        let mut outgoing = request("POST", format!("http://{address}/"));
        outgoing.body = Bytes::from_static(b"seat");
        assert_eq!(outcome(&send(&session, outgoing).await), "200 \"\"");
        wait_for_close.recv().await.unwrap();
        // The runtime hears of the close in its next turn.
        yield_now().await;
    }
    assert_eq!(requests.connections(), [0, 1]);
}

#[tokio::test]
async fn a_dropped_request_closes_its_connection() {
    let (address, requests) = serve_always("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nseat", false).await;
    let session = session();
    for _ in 0..2 {
        let cut_off = tokio::time::timeout(Duration::from_millis(50), send(&session, get(address))).await;
        assert!(cut_off.is_err());
    }
    assert_eq!(requests.connections(), [0, 1]);
}
