//! The bytes of the answers.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use rand::RngExt;
use rand::rngs::StdRng;

use crate::deeds::Deed;

/// Zeros that a bomb unfolds to: 1 GiB.
const BOMB: usize = 1 << 30;

const MEMBER: usize = 8 << 20;

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).and_then(|()| encoder.finish()).expect("memory takes everything")
}

/// Gzip of [`BOMB`] zeros: members may follow each other (RFC 1952, section 2.2).
pub fn bomb() -> Vec<u8> {
    gzip(&vec![0; MEMBER]).repeat(BOMB / MEMBER)
}

/// The small body of most answers, of 20 bytes to some 100 kB.
pub fn body(rng: &mut StdRng) -> String {
    let length = [0, 0, 0, 100, 1_000, 5_000, 70_000][rng.random_range(0..7)];
    format!("{{\"seat\":12,\"row\":\"A\"{}}}", ",\"x\":\"y\"".repeat(length / 8))
}

/// A head with these header lines, each with its line's end.
pub fn head(status: u16, headers: &str) -> String {
    format!("HTTP/1.1 {status} Chaos\r\n{headers}\r\n")
}

fn length(body: &[u8]) -> String {
    format!("Content-Length: {}\r\n", body.len())
}

/// A body in chunks of any size.
pub fn chunked(rng: &mut StdRng, body: &[u8]) -> Vec<u8> {
    let mut chunks = Vec::new();
    let mut rest = body;
    while !rest.is_empty() {
        let (chunk, more) = rest.split_at(rng.random_range(1..=rest.len()));
        chunks.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        chunks.extend_from_slice(chunk);
        chunks.extend_from_slice(b"\r\n");
        rest = more;
    }
    chunks.extend_from_slice(b"0\r\n\r\n");
    chunks
}

/// A head and the body that follows it unless the request was HEAD.
pub type Parts = (Vec<u8>, Vec<u8>);

/// Deeds that are one answer, written as it is. None: the deed is more than that.
pub fn whole(deed: Deed, rng: &mut StdRng, bomb: &[u8]) -> Option<Parts> {
    let body = body(rng).into_bytes();
    let sized = |status: u16, headers: &str, body: Vec<u8>| {
        Some((head(status, &format!("{headers}{}", length(&body))).into_bytes(), body))
    };
    match deed {
        Deed::Length => sized(200, "Content-Type: application/json\r\n", body),
        Deed::Chunks => Some((head(201, "Transfer-Encoding: chunked\r\n").into(), chunked(rng, &body))),
        Deed::UntilClose => Some((head(202, "").into(), body)),
        Deed::Gzip => sized(203, "Content-Encoding: gzip\r\n", gzip(&body)),
        Deed::NoContent => Some((head(204, "").into(), Vec::new())),
        Deed::NotModified => Some((head(304, "Content-Length: 500\r\n").into(), Vec::new())),
        Deed::CloseTold => sized(208, "Connection: close\r\n", body),
        Deed::CloseUntold => sized(209, "", body),
        Deed::Interim => {
            let interim = "HTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\n".repeat(100);
            Some(((interim + &head(210, &length(&body))).into(), body))
        }
        Deed::LengthAndChunks => {
            let headers = "Content-Length: 7\r\nTransfer-Encoding: chunked\r\n";
            Some((head(211, headers).into(), chunked(rng, &body)))
        }
        Deed::LineFeeds => Some((format!("HTTP/1.1 212 Chaos\nContent-Length: {}\n\n", body.len()).into(), body)),
        Deed::ManyHeaders => {
            let headers: String = (0..90).map(|number| format!("X-{number}: {}\r\n", "y".repeat(200))).collect();
            sized(213, &headers, body)
        }
        Deed::OddCookies => sized(214, &odd_cookies(), body),
        Deed::UnknownEncoding => sized(215, "Content-Encoding: rot13\r\n", body),
        Deed::Bomb => sized(216, "Content-Encoding: gzip\r\n", bomb.to_vec()),
        Deed::Http10 => Some((format!("HTTP/1.0 217 Chaos\r\nContent-Length: {}\r\n\r\n", body.len()).into(), body)),
        Deed::SlowReader => sized(220, "", body),
        Deed::Status(status) => sized(status, "Retry-After: 1\r\nWWW-Authenticate: Basic\r\n", body),
        _ => None,
    }
}

/// Cookies that a jar must ignore, cut or bear.
fn odd_cookies() -> String {
    let mut lines = String::new();
    for cookie in [
        "=nameless",
        "",
        ";;;",
        "a",
        "foreign=1; Domain=example.com",
        "top=1; Domain=com",
        "old=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "odd=1; Expires=yesterday; Max-Age=999999999999999999999",
        "below=1; Max-Age=-1",
        "path=1; Path=nowhere",
        "quoted=\"a b\"; Path=/; Secure; HttpOnly; SameSite=Odd",
        "good=1; Path=/",
    ] {
        lines.push_str(&format!("Set-Cookie: {cookie}\r\n"));
    }
    lines.push_str(&format!("Set-Cookie: long={}\r\n", "x".repeat(4_000)));
    for number in 0..60 {
        lines.push_str(&format!("Set-Cookie: many-{number}=1\r\n"));
    }
    lines
}

/// Heads that break the rules of HTTP; the connection stays open behind them.
pub fn broken(deed: Deed, rng: &mut StdRng) -> Option<Vec<u8>> {
    let bytes = match deed {
        Deed::Garbage => {
            // Not a letter that an answer may begin with.
            let mut bytes: Vec<u8> = (0..rng.random_range(1..2_000)).map(|_| rng.random()).collect();
            bytes[0] = 0x80;
            return Some(bytes);
        }
        Deed::OldPage => "<html><body>seat</body></html>\r\n".to_owned(),
        Deed::Version => "HTTP/3.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_owned(),
        Deed::Status99 => head(99, "Content-Length: 0\r\n"),
        Deed::NegativeLength => head(200, "Content-Length: -1\r\n"),
        Deed::HugeLength => head(200, "Content-Length: 99999999999999999999999\r\n"),
        Deed::TwoLengths => head(200, "Content-Length: 3\r\nContent-Length: 4\r\n") + "seat",
        Deed::BadChunk => head(200, "Transfer-Encoding: chunked\r\n") + "zz\r\nseat\r\n0\r\n\r\n",
        Deed::EndlessExtension => head(200, "Transfer-Encoding: chunked\r\n") + "4;" + &"x".repeat(300_000),
        Deed::EndlessTrailers => head(200, "Transfer-Encoding: chunked\r\n") + "0\r\n" + &"x: y\r\n".repeat(50_000),
        Deed::HugeHeader => head(200, &format!("X: {}\r\nContent-Length: 0\r\n", "y".repeat(1 << 20))),
        Deed::TooManyHeaders => head(200, &("X: y\r\n".repeat(10_000) + "Content-Length: 0\r\n")),
        Deed::Nul => head(200, "X: \0\r\nContent-Length: 0\r\n"),
        _ => return None,
    };
    Some(bytes.into_bytes())
}
