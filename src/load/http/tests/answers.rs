//! Answers as servers frame them, and what is kept of them.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

/// Method, what the server writes, whether it then closes; what is understood, and whether the connection is used again.
#[tokio::test]
async fn answers_are_read_in_every_framing() {
    for (name, method, answer, close, expected, reused) in [
        ("a length", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nseat", false, "200 \"seat\"", true),
        ("no body", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, "200 \"\"", true),
        (
            "chunks",
            "GET",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nse\r\n2;x=y\r\nat\r\n0\r\n\r\n",
            false,
            "200 \"seat\"",
            true,
        ),
        (
            "chunks with a trailer",
            "GET",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: x\r\n\r\n4\r\nseat\r\n0\r\nx: y\r\n\r\n",
            false,
            "200 \"seat\"",
            true,
        ),
        ("HEAD", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", false, "200 \"\"", true),
        ("HEAD, compressed", "HEAD", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", false, "200 \"\"", true),
        ("204", "DELETE", "HTTP/1.1 204 No Content\r\n\r\n", false, "204 \"\"", true),
        ("304", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n", false, "304 \"\"", true),
        (
            "early hints",
            "GET",
            "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 404 Gone\r\nContent-Length: 1\r\n\r\n-",
            false,
            "404 \"-\"",
            true,
        ),
        ("no reason", "GET", "HTTP/1.1 599 \r\nContent-Length: 0\r\n\r\n", false, "599 \"\"", true),
        ("until the end", "GET", "HTTP/1.1 200 OK\r\n\r\nseat", true, "200 \"seat\"", false),
        (
            "told to close",
            "GET",
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nseat",
            false,
            "200 \"seat\"",
            false,
        ),
        ("HTTP/1.0", "GET", "HTTP/1.0 200 OK\r\n\r\nseat", true, "200 \"seat\"", false),
        (
            "HTTP/1.0, kept alive",
            "GET",
            "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 4\r\n\r\nseat",
            false,
            "200 \"seat\"",
            true,
        ),
        (
            "more than the length",
            "GET",
            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nseats",
            false,
            "200 \"seat\"",
            false,
        ),
    ] {
        let (address, requests) = serve_always(answer, close).await;
        let session = session();
        for turn in 0..2 {
            let outgoing = request(method, format!("http://{address}/path?query=1#fragment"));
            let exchange = send(&session, outgoing).await;
            assert_eq!(outcome(&exchange), expected, "{name}");
            assert_eq!(exchange.received, answer.len() as u64, "{name}");
            assert_eq!(exchange.sent, requests.head(turn).len() as u64, "{name}");
        }
        assert_eq!(requests.connections(), if reused { [0, 0] } else { [0, 1] }, "{name}");
        let expected = format!("{method} /path?query=1 HTTP/1.1\r\nhost: {address}\r\nuser-agent: loadgate/");
        assert!(requests.head(0).starts_with(&expected), "{name}: {}", requests.head(0));
    }
}

#[tokio::test]
async fn a_compressed_answer_is_decoded_and_counted_as_it_came() {
    let body = "seat ".repeat(2000);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body.as_bytes()).unwrap();
    let encoded = encoder.finish().unwrap();
    let mut answer =
        format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", encoded.len()).into_bytes();
    answer.extend(&encoded);
    let length = answer.len();
    let (address, requests) = serve_always(answer, false).await;
    let exchange = send(&session(), get(address)).await;
    assert_eq!(exchange.received, length as u64);
    assert_eq!(exchange.outcome.unwrap().body, body);
    assert_eq!(requests.header(0, "accept-encoding"), None, "asked for only if the plan says so, as in k6");
}

#[tokio::test]
async fn a_body_over_the_limit_is_read_counted_and_thrown_away() {
    let body = "x".repeat(100_000);
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let (address, requests) = serve_always(answer.clone(), false).await;
    let session = session_with(ClientSettings { max_body: body.len() - 1, ..settings() });
    for _ in 0..2 {
        let exchange = send(&session, get(address)).await;
        assert_eq!(exchange.received, answer.len() as u64);
        let kept = exchange.outcome.unwrap();
        assert!(kept.truncated && kept.body.is_empty());
    }
    assert_eq!(requests.connections(), [0, 0], "the body was read to its end");
    let exchange = send(&session_with(ClientSettings { max_body: body.len(), ..settings() }), get(address)).await;
    let kept = exchange.outcome.unwrap();
    assert!(!kept.truncated && kept.body == body);
}

#[tokio::test]
async fn a_large_body_comes_whole() {
    let body: String = (0..300_000).map(|n| char::from(b'a' + (n % 26) as u8)).collect();
    let mut answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned();
    for part in body.as_bytes().chunks(9_999) {
        answer.push_str(&format!("{:x}\r\n{}\r\n", part.len(), str::from_utf8(part).unwrap()));
    }
    answer.push_str("0\r\n\r\n");
    let (address, _) = serve_always(answer, false).await;
    assert_eq!(send(&session(), get(address)).await.outcome.unwrap().body, body);
}

#[tokio::test]
async fn the_request_is_sent_as_it_was_asked_for() {
    let (address, requests) = serve_always("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false).await;
    let session = session();
    let mut outgoing = request("GET", format!("http://us%40er:p%3Aw@{address}"));
    outgoing.headers.insert("user-agent", "mine".parse().unwrap());
    outgoing.headers.append("x-many", "1".parse().unwrap());
    outgoing.headers.append("x-many", "2".parse().unwrap());
    outgoing.headers.insert("x-who", "flow".parse().unwrap());
    outgoing.origin_headers.insert("x-who", "origin".parse().unwrap());
    send(&session, outgoing).await;
    let expected = format!(
        "GET / HTTP/1.1\r\nhost: {address}\r\nuser-agent: mine\r\nx-many: 1\r\nx-many: 2\r\nx-who: origin\r\n\
         authorization: Basic dXNAZXI6cDp3\r\n\r\n"
    );
    assert_eq!(requests.head(0), expected);

    send(&session, request("POST", format!("http://{address}/"))).await;
    assert_eq!(requests.header(1, "content-length").as_deref(), Some("0"), "as servers expect of a POST");

    let mut outgoing = get(address);
    outgoing.headers.insert("host", "preview.example".parse().unwrap());
    send(&session, outgoing).await;
    assert_eq!(requests.header(2, "host").as_deref(), Some("preview.example"));
}

#[tokio::test]
async fn ipv6_is_spoken() {
    let listener = TcpListener::bind("[::1]:0").await.expect("the tests need IPv6 on the loopback interface");
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let head = read_head(&mut socket).await.unwrap();
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{head}", head.len());
        socket.write_all(answer.as_bytes()).await.unwrap();
    });
    let answer = send(&session(), get(address)).await.outcome.unwrap();
    let head = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(head.contains(&format!("\r\nhost: [::1]:{}\r\n", address.port())), "{head}");
}
