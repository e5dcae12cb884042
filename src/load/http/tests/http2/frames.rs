//! A server that writes its frames by hand, and so can break every rule.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

const NO_ERROR: u32 = 0;
const PROTOCOL_ERROR: u32 = 1;
const INTERNAL_ERROR: u32 = 2;
const REFUSED_STREAM: u32 = 7;
const ENHANCE_YOUR_CALM: u32 = 11;
const HTTP_1_1_REQUIRED: u32 = 13;

/// `:status: 200` in HPACK.
const OK: &[u8] = &[0x88];

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

fn reset(stream: u32, code: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &code.to_be_bytes())
}

fn go_away(last: u32, code: u32, said: &str) -> Vec<u8> {
    frame(GOAWAY, 0, 0, &[&last.to_be_bytes(), &code.to_be_bytes(), said.as_bytes()].concat())
}

fn seat(stream: u32) -> Vec<u8> {
    [frame(HEADERS, END_HEADERS, stream, OK), frame(DATA, END_STREAM, stream, b"seat")].concat()
}

/// Answers each request with the frames that `script` has for its connection and stream; without any it closes the
/// connection. Returns the connection and stream of each request too.
async fn serve_frames(script: impl Fn(usize, u32) -> Vec<u8> + Send + Sync + 'static) -> (SocketAddr, Seen) {
    let script = Arc::new(script);
    let seen = Seen::default();
    let log = seen.clone();
    let address = serve(move |mut socket, number| {
        let (script, log) = (script.clone(), log.clone());
        async move {
            let _ = read_frames(&mut socket, |stream| {
                log.change(|log| log.requests.push((number, stream.to_string())));
                script(number, stream)
            })
            .await;
            let _ = socket.shutdown().await;
            let _ = socket.read_to_end(&mut Vec::new()).await;
            log.change(|log| log.closed += 1);
        }
    })
    .await;
    (address, seen)
}

async fn read_frames(socket: &mut TcpStream, mut answer: impl FnMut(u32) -> Vec<u8>) -> std::io::Result<()> {
    socket.read_exact(&mut [0; 24]).await?;
    socket.write_all(&frame(SETTINGS, 0, 0, &[])).await?;
    loop {
        let mut head = [0; 9];
        socket.read_exact(&mut head).await?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        socket.read_exact(&mut vec![0; length as usize]).await?;
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        if head[3] == HEADERS {
            let frames = answer(stream);
            if frames.is_empty() {
                return Ok(());
            }
            socket.write_all(&frames).await?;
        }
    }
}

/// What the first request on a connection is answered with, and how that is told.
#[tokio::test]
async fn every_way_to_fail_has_its_class_and_its_code() {
    let head = |stream| frame(HEADERS, END_HEADERS, stream, OK);
    for (name, frames, expected) in [
        (
            "reset",
            reset(1, INTERNAL_ERROR),
            "reset: the server reset the stream: INTERNAL_ERROR (unexpected internal error encountered)",
        ),
        (
            "another version",
            reset(1, HTTP_1_1_REQUIRED),
            "reset: the server reset the stream: HTTP_1_1_REQUIRED (endpoint requires HTTP/1.1); set target.httpVersion to \
             `1.1`",
        ),
        ("a code of its own", reset(1, 99), "reset: the server reset the stream: the unknown code 0x63"),
        (
            "reset in the body",
            [head(1), frame(DATA, 0, 1, b"seat"), reset(1, INTERNAL_ERROR)].concat(),
            "body 200: the body broke off after 4 bytes: the server reset the stream: INTERNAL_ERROR (unexpected internal \
             error encountered)",
        ),
        ("an early answer", [head(1), frame(DATA, 0, 1, b"seat"), reset(1, NO_ERROR)].concat(), "200 \"seat\""),
        (
            "away with a fault",
            go_away(0, ENHANCE_YOUR_CALM, "too many resets"),
            "reset: the server ended the connection (GOAWAY): ENHANCE_YOUR_CALM (detected excessive load generating \
             behavior): too many resets",
        ),
        ("closed", Vec::new(), "reset: the server closed the connection without an answer"),
        (
            "a frame of another stream",
            frame(DATA, 0, 7, b"seat"),
            "protocol: the answer is no valid HTTP/2: PROTOCOL_ERROR (unspecific protocol error detected)",
        ),
        (
            "headers that can't be read",
            frame(HEADERS, END_HEADERS, 1, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
            "protocol: the answer is no valid HTTP/2: ",
        ),
        (
            "a body of another length",
            // `content-length: 9` as a literal with an indexed name.
            [frame(HEADERS, END_HEADERS, 1, &[0x88, 0x0f, 0x0d, 1, b'9']), frame(DATA, END_STREAM, 1, b"seat")]
                .concat(),
            "protocol 200: the body broke off after ",
        ),
    ] {
        on_worker(async {
            let script = frames.clone();
            let (address, seen) = serve_frames(move |_, _| script.clone()).await;
            let told = outcome(&send(&http2(), plain(address, "/")).await);
            assert!(told.starts_with(expected), "{name}: {told}");
            assert_eq!(seen.connections().len(), 1, "{name}: sent once");
        })
        .await;
    }
}

/// The second request of a connection meets these frames; whether it is sent again, where, and how it ends.
#[tokio::test]
async fn what_was_not_processed_is_sent_again_once() {
    let again = "200 \"seat\"";
    for (name, method, frames, seen_on, expected) in [
        ("refused", "POST", reset(3, REFUSED_STREAM), &[0, 0, 0][..], again),
        ("away before it", "POST", go_away(1, NO_ERROR, ""), &[0, 0, 1], again),
        ("away with a fault before it", "POST", go_away(1, PROTOCOL_ERROR, ""), &[0, 0, 1], again),
        ("closed, harmless", "GET", Vec::new(), &[0, 0, 1], again),
        (
            "closed, not harmless",
            "POST",
            Vec::new(),
            &[0, 0],
            "reset: the server closed the connection without an answer",
        ),
        (
            "reset",
            "GET",
            reset(3, INTERNAL_ERROR),
            &[0, 0],
            "reset: the server reset the stream: INTERNAL_ERROR (unexpected internal error encountered)",
        ),
        ("away after it", "GET", [go_away(3, NO_ERROR, ""), seat(3)].concat(), &[0, 0], again),
    ] {
        on_worker(async {
            let script = frames.clone();
            let (address, seen) = serve_frames(move |connection, stream| match (connection, stream) {
                (0, 3) => script.clone(),
                _ => seat(stream),
            })
            .await;
            let session = http2();
            assert_eq!(outcome(&send(&session, plain(address, "/")).await), "200 \"seat\"");
            let mut outgoing = request(method, format!("http://{address}/"));
            outgoing.body = Bytes::from_static(b"seat");
            let exchange = send(&session, outgoing).await;
            assert_eq!(outcome(&exchange), expected, "{name}");
            assert_eq!(seen.connections(), seen_on, "{name}");
        })
        .await;
    }
}

#[tokio::test]
async fn a_server_that_refuses_again_is_believed() {
    on_worker(async {
        let (address, seen) = serve_frames(|_, stream| reset(stream, REFUSED_STREAM)).await;
        assert_eq!(
            outcome(&send(&http2(), plain(address, "/")).await),
            "reset: the server reset the stream: REFUSED_STREAM (refused stream before processing any application logic)"
        );
        assert_eq!(seen.connections(), [0, 0]);

        let (address, seen) = serve_frames(|_, _| go_away(0, NO_ERROR, "bye")).await;
        let told = outcome(&send(&http2(), plain(address, "/")).await);
        assert!(told.starts_with("reset: the server ended the connection (GOAWAY): NO_ERROR "), "{told}");
        assert_eq!(seen.connections(), [0, 1]);
    })
    .await;
}

#[tokio::test]
async fn an_idle_connection_that_went_away_is_replaced() {
    on_worker(async {
        let (address, seen) = serve_frames(|connection, stream| match connection {
            0 => [seat(stream), go_away(stream, NO_ERROR, "")].concat(),
            _ => seat(stream),
        })
        .await;
        let session = http2();
        assert_eq!(outcome(&send(&session, plain(address, "/")).await), "200 \"seat\"");
        seen.until("the task reads the GOAWAY and closes the connection", |log| log.closed == 1).await;
        for _ in 0..2 {
            assert_eq!(outcome(&send(&session, plain(address, "/")).await), "200 \"seat\"");
        }
        assert_eq!(seen.connections(), [0, 1, 1]);
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_breaks_ends_all_its_streams() {
    on_worker(async {
        let (address, _) = serve_frames(|_, stream| match stream {
            1 => seat(1),
            // Three requests have come: one answered half, one not at all, and the connection is closed.
            3 => [frame(HEADERS, END_HEADERS, 3, OK), frame(DATA, 0, 3, b"se")].concat(),
            5 => frame(SETTINGS, 0, 0, &[]),
            _ => Vec::new(),
        })
        .await;
        let session = http2();
        assert_eq!(outcome(&send(&session, plain(address, "/")).await), "200 \"seat\"");
        let post = || request("POST", format!("http://{address}/"));
        let told: Vec<String> = at_once(&session, [post(), post(), post()]).await.iter().map(outcome).collect();
        assert_eq!(
            told,
            [
                "body 200: the body broke off after 2 bytes: the server closed the connection before its end",
                "reset: the server closed the connection without an answer",
                "reset: the server closed the connection without an answer",
            ]
        );
    })
    .await;
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Whatever a server writes after the first bytes of HTTP/2: an answer or a failure of the server's side, never a panic
    /// or a hang.
    #[test]
    fn garbage_is_an_answer_or_a_failure(
        frames in vec((0u8..10, any::<u8>(), 0u32..4, vec(any::<u8>(), 0..30)), 0..4),
        rest in vec(any::<u8>(), 0..40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let exchange = runtime.block_on(LocalSet::new().run_until(async {
            let mut garbage = Vec::new();
            for (kind, flags, stream, payload) in &frames {
                garbage.extend(frame(*kind, *flags, *stream, payload));
            }
            garbage.extend(&rest);
            let address = serve(move |mut socket, _| {
                let garbage = garbage.clone();
                async move {
                    let _ = socket.read(&mut [0; 1000]).await;
                    let _ = socket.write_all(&garbage).await;
                    let _ = socket.shutdown().await;
                    let _ = socket.read_to_end(&mut Vec::new()).await;
                }
            })
            .await;
            send(&http2(), Outgoing { redirects: 0, ..plain(address, "/") }).await
        }));
        if let Err(failure) = exchange.outcome {
            prop_assert!(
                matches!(failure.class, ErrorClass::Reset | ErrorClass::Protocol | ErrorClass::Body),
                "{failure:?}"
            );
        }
    }
}
