//! What goes wrong, and how it is told.

use http::StatusCode;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tokio::time::sleep;

use crate::measurement::ErrorClass;

use super::*;

/// What a server does after it has written its part of an answer.
#[derive(Clone, Copy, PartialEq)]
enum Then {
    Close,
    Reset,
    Hang,
}

/// Reads one request, writes `answer` and ends as told.
async fn serve_once(answer: &'static str, then: Then) -> SocketAddr {
    serve(move |mut socket, _| async move {
        read_head(&mut socket).await;
        socket.write_all(answer.as_bytes()).await.unwrap();
        match then {
            Then::Close => {}
            Then::Reset => {
                // A reset throws away what was not read yet: the client gets the time to.
                if !answer.is_empty() {
                    sleep(Duration::from_millis(20)).await;
                }
                socket.set_zero_linger().unwrap();
            }
            Then::Hang => std::future::pending().await,
        }
    })
    .await
}

#[tokio::test]
async fn a_broken_answer_has_a_class_and_a_message() {
    use Then::{Close, Hang, Reset};
    const CLOSED: &str = "reset: the server closed the connection without an answer";
    const NOT_HTTP: &str = "protocol: the answer is no valid HTTP: invalid HTTP version";
    for (name, answer, then, expected) in [
        ("closed", "", Close, CLOSED),
        ("reset", "", Reset, "reset: the connection broke before the answer: Connection reset by peer (os error 104)"),
        (
            "closed in the head",
            "HTTP/1.1 200 OK\r\nContent-Le",
            Close,
            "reset: the server closed the connection in the head of the answer",
        ),
        (
            "reset in the head",
            "HTTP/1.1 200 OK\r\nContent-Le",
            Reset,
            "reset: the connection broke in the head of the answer: Connection reset by peer (os error 104)",
        ),
        (
            "closed in the body",
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nseat",
            Close,
            "body 200: the body broke off after 4 bytes: ",
        ),
        (
            "reset in the body",
            "HTTP/1.1 503 Busy\r\nContent-Length: 9\r\n\r\nseat",
            Reset,
            "body 503: the body broke off after 4 bytes: ",
        ),
        (
            "closed between chunks",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nseat\r\n",
            Close,
            "body 200: the body broke off after 4 bytes: ",
        ),
        (
            "a chunk without a size",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nseat\r\n",
            Hang,
            "protocol 200: the body's framing is no valid HTTP: ",
        ),
        ("another protocol", "SSH-2.0-OpenSSH_9.6\r\n", Hang, NOT_HTTP),
        ("HTTP/3.0", "HTTP/3.0 200 OK\r\n\r\n", Hang, NOT_HTTP),
        ("no status", "HTTP/1.1 OK\r\n\r\n", Hang, "protocol: the answer is no valid HTTP: invalid response status"),
        (
            "a broken header",
            "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
            Hang,
            "protocol: the answer is no valid HTTP: invalid header name",
        ),
        (
            "a broken length",
            "HTTP/1.1 200 OK\r\nContent-Length: four\r\n\r\nseat",
            Hang,
            "protocol: the answer is no valid HTTP: invalid content-length `four`",
        ),
        (
            "not gzip",
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nseat",
            Hang,
            "body 200: the body is not what content-encoding `gzip` says: ",
        ),
    ] {
        let address = serve_once(answer, then).await;
        let exchange = send(&session(), get(address)).await;
        let told = outcome(&exchange);
        assert!(told.starts_with(expected), "{name}: {told}");
        assert_eq!(exchange.received, answer.len() as u64, "{name}");
    }
}

#[tokio::test]
async fn a_head_without_end_is_a_protocol_failure() {
    let address = serve(|mut socket, _| async move {
        read_head(&mut socket).await;
        socket.write_all(b"HTTP/1.1 200 OK\r\n").await.unwrap();
        while socket.write_all(format!("x: {}\r\n", "y".repeat(10_000)).as_bytes()).await.is_ok() {}
    })
    .await;
    let told = outcome(&send(&session(), get(address)).await);
    assert_eq!(told, "protocol: the answer is no valid HTTP: the head is too large");
}

#[tokio::test]
async fn no_listener_no_name_no_http() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let exchange = send(&session(), get(closed)).await;
    assert_eq!(outcome(&exchange), format!("connect: {closed} refused the connection: nothing listens there"));
    assert_eq!((exchange.sent, exchange.received), (0, 0));
    assert_eq!(exchange.phases.duration(), Duration::ZERO, "no response time without a response");

    let exchange = send(&session(), request("GET", "http://preview.example/")).await;
    let told = outcome(&exchange);
    assert!(told.starts_with("dns: `preview.example` can't be resolved: "), "{told}");
}

/// What the server writes before it hangs, and how the time-out names it.
#[tokio::test]
async fn a_time_out_says_what_it_interrupted() {
    for (answer, expected) in [
        ("", "timeout: no answer within 0.2 s"),
        ("HTTP/1.1 200 OK\r\nContent", "timeout: the head of the answer was not complete within 0.2 s"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nseat",
            "timeout 200: the body was not complete, 4 bytes had come, within 0.2 s",
        ),
    ] {
        let address = serve_once(answer, Then::Hang).await;
        let mut outgoing = get(address);
        outgoing.timeout = Duration::from_millis(200);
        let exchange = send(&session(), outgoing).await;
        assert_eq!(outcome(&exchange), expected);
        assert_eq!(exchange.received, answer.len() as u64);
        assert!(exchange.phases.duration() > Duration::from_millis(50), "{:?}", exchange.phases);
    }
}

#[tokio::test]
async fn dripping_and_endless_bodies_end_at_the_time_limit() {
    for (chunk, pause) in [(1, 5), (100_000, 0)] {
        let address = serve(move |mut socket, _| async move {
            read_head(&mut socket).await;
            socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            while socket.write_all(&vec![b'x'; chunk]).await.is_ok() {
                sleep(Duration::from_millis(pause)).await;
            }
        })
        .await;
        let session = session_with(ClientSettings { max_body: 1000, ..settings() });
        let mut outgoing = get(address);
        outgoing.timeout = Duration::from_millis(150);
        let exchange = send(&session, outgoing).await;
        let failure = exchange.outcome.unwrap_err();
        assert_eq!(failure.class, ErrorClass::Timeout, "{}", failure.message);
        assert!(exchange.received > 19, "{}", exchange.received);
        assert!(exchange.phases.receiving > Duration::from_millis(50), "{:?}", exchange.phases);
    }
}

#[tokio::test]
async fn a_server_that_does_not_read_is_timed_out_while_sending() {
    let address = serve(|socket, _| async move {
        std::future::pending::<()>().await;
        drop(socket);
    })
    .await;
    let mut outgoing = request("POST", format!("http://{address}/"));
    outgoing.body = vec![b'x'; 64 << 20].into();
    outgoing.timeout = Duration::from_millis(300);
    let exchange = send(&session(), outgoing).await;
    assert_eq!(outcome(&exchange), "timeout: the request was not sent within 0.3 s");
    assert!(exchange.sent > 0);
    assert!(exchange.phases.sending > Duration::from_millis(100), "{:?}", exchange.phases);
    assert_eq!(exchange.phases.waiting, Duration::ZERO);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Whatever a server writes before it closes: an answer or a failure of the server's side, never a panic or a hang.
    #[test]
    fn garbage_is_an_answer_or_a_failure(
        start in select(vec![
            "",
            "HTTP/1.1 ",
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n",
            "HTTP/1.0 301 Moved\r\nLocation: ",
        ]),
        rest in vec(any::<u8>(), 0..100),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let exchange = runtime.block_on(async {
            let answer = [start.as_bytes(), &rest].concat();
            let (address, _) = serve_always(answer, true).await;
            let mut outgoing = get(address);
            outgoing.redirects = 0;
            send(&session(), outgoing).await
        });
        if let Err(failure) = exchange.outcome {
            prop_assert!(
                matches!(failure.class, ErrorClass::Reset | ErrorClass::Protocol | ErrorClass::Body),
                "{failure:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off_at_its_limit() {
    let address = serve(|mut socket, _| async move {
        read_head(&mut socket).await;
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n").await;
        while socket.write_all(&[b'x'; 65536]).await.is_ok() {}
    })
    .await;
    let mut outgoing = get(address);
    outgoing.timeout = Duration::from_millis(200);
    let started = std::time::Instant::now();
    let exchange = send(&session(), outgoing).await;
    let failure = exchange.outcome.unwrap_err();
    assert_eq!((failure.class, failure.status), (ErrorClass::Timeout, Some(StatusCode::OK)));
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}
