//! The table: answers as bytes, and what they mean.

use std::fmt::Write as _;

/// What the server does once it has written the answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Then {
    /// Waits for the next request.
    Keep,
    Close,
}

/// The connection of the next request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Next {
    Same,
    Fresh,
}

/// An answer and what it means.
pub struct Case {
    pub name: &'static str,
    pub method: &'static str,
    pub answer: Vec<u8>,
    pub then: Then,
    /// `status body`, or `class` with the status where the head was good.
    pub expected: &'static str,
    pub next: Next,
}

use Next::{Fresh, Same};
use Then::{Close, Keep};

fn case(
    name: &'static str,
    method: &'static str,
    answer: impl Into<Vec<u8>>,
    then: Then,
    expected: &'static str,
    next: Next,
) -> Case {
    Case { name, method, answer: answer.into(), then, expected, next }
}

/// Every row.
pub fn rows() -> Vec<Case> {
    [lengths(), chunks(), broken_chunks(), ends(), statuses(), surplus(), lines(), versions(), floods(), encodings()]
        .into_iter()
        .flatten()
        .collect()
}

/// An answer of these header lines and this body.
fn ok(headers: &str, body: &str) -> String {
    let headers: String =
        headers.split(" | ").filter(|line| !line.is_empty()).flat_map(|line| [line, "\r\n"]).collect();
    format!("HTTP/1.1 200 OK\r\n{headers}\r\n{body}")
}

const LENGTH_4: &str = "Content-Length: 4";
const CHUNKED: &str = "Transfer-Encoding: chunked";

fn lengths() -> Vec<Case> {
    vec![
        case("a length", "GET", ok(LENGTH_4, "seat"), Keep, "200 seat", Same),
        case("a length of 0", "GET", ok("Content-Length: 0", ""), Keep, "200 ", Same),
        case("zeros before the length", "GET", ok("Content-Length: 0004", "seat"), Keep, "200 seat", Same),
        case("space around the length", "GET", ok("Content-Length: \t 4 ", "seat"), Keep, "200 seat", Same),
        case("no space before the length", "GET", ok("content-length:4", "seat"), Keep, "200 seat", Same),
        case("the length twice", "GET", ok("Content-Length: 4 | content-length: 4", "seat"), Keep, "200 seat", Same),
        case("the length twice in a line", "GET", ok("Content-Length: 4, 4", "seat"), Keep, "200 seat", Same),
        case("two lengths", "GET", ok("Content-Length: 4 | Content-Length: 5", "seats"), Keep, "protocol", Fresh),
        case("two lengths in a line", "GET", ok("Content-Length: 4, 5", "seats"), Keep, "protocol", Fresh),
        case("a negative length", "GET", ok("Content-Length: -4", "seat"), Keep, "protocol", Fresh),
        case("a signed length", "GET", ok("Content-Length: +4", "seat"), Keep, "protocol", Fresh),
        case("a fraction as length", "GET", ok("Content-Length: 4.0", "seat"), Keep, "protocol", Fresh),
        case("a hexadecimal length", "GET", ok("Content-Length: 0x4", "seat"), Keep, "protocol", Fresh),
        case("a word as length", "GET", ok("Content-Length: four", "seat"), Keep, "protocol", Fresh),
        case("no number as length", "GET", ok("Content-Length: ", "seat"), Keep, "protocol", Fresh),
        case("a list with a hole as length", "GET", ok("Content-Length: 4,", "seat"), Keep, "protocol", Fresh),
        case("a length with a space in it", "GET", ok("Content-Length: 4 4", "seat"), Keep, "protocol", Fresh),
        case(
            "a length of more than 64 bits",
            "GET",
            ok("Content-Length: 18446744073709551620", "seat"),
            Keep,
            "protocol",
            Fresh,
        ),
        case("the largest length", "GET", ok("Content-Length: 9223372036854775807", "seat"), Close, "body 200", Fresh),
        case("shorter than its length", "GET", ok("Content-Length: 5", "seat"), Close, "body 200", Fresh),
    ]
}

fn chunks() -> Vec<Case> {
    vec![
        case("chunks", "GET", ok(CHUNKED, "2\r\nse\r\n2\r\nat\r\n0\r\n\r\n"), Keep, "200 seat", Same),
        case("no chunk", "GET", ok(CHUNKED, "0\r\n\r\n"), Keep, "200 ", Same),
        case(
            "the coding in capitals",
            "GET",
            ok("TRANSFER-ENCODING: CHUNKED", "4\r\nseat\r\n0\r\n\r\n"),
            Keep,
            "200 seat",
            Same,
        ),
        case("a size in capitals", "GET", ok(CHUNKED, "A\r\nseat, seat\r\n0\r\n\r\n"), Keep, "200 seat, seat", Same),
        case("zeros before the size", "GET", ok(CHUNKED, "0004\r\nseat\r\n000\r\n\r\n"), Keep, "200 seat", Same),
        case("an extension", "GET", ok(CHUNKED, "4;a=b;c=\"d\"\r\nseat\r\n0;e\r\n\r\n"), Keep, "200 seat", Same),
        case("space after the size", "GET", ok(CHUNKED, "4 \t\r\nseat\r\n0\r\n\r\n"), Keep, "200 seat", Same),
        case("trailers", "GET", ok(CHUNKED, "4\r\nseat\r\n0\r\nx: y\r\nz: \r\n\r\n"), Keep, "200 seat", Same),
        // What comes last decides (RFC 9112, section 6.3).
        case(
            "chunks and a length",
            "GET",
            ok("Content-Length: 99 | Transfer-Encoding: chunked", "4\r\nseat\r\n0\r\n\r\n"),
            Keep,
            "200 seat",
            Same,
        ),
        case(
            "chunks and a length that is none",
            "GET",
            ok("Transfer-Encoding: chunked | Content-Length: four", "4\r\nseat\r\n0\r\n\r\n"),
            Keep,
            "protocol",
            Fresh,
        ),
        case(
            "another coding and a length",
            "GET",
            ok("Transfer-Encoding: gzip | Content-Length: 2", "seat"),
            Close,
            "200 seat",
            Fresh,
        ),
        case("another coding last", "GET", ok("Transfer-Encoding: chunked, gzip", "seat"), Close, "200 seat", Fresh),
        case("identity", "GET", ok("Transfer-Encoding: identity", "seat"), Close, "200 seat", Fresh),
        case(
            "codings on two lines",
            "GET",
            ok("Transfer-Encoding: x | Transfer-Encoding: chunked", "4\r\nseat\r\n0\r\n\r\n"),
            Keep,
            "200 seat",
            Same,
        ),
        case(
            "chunks told to close",
            "GET",
            ok("Transfer-Encoding: chunked | Connection: close", "4\r\nseat\r\n0\r\n\r\n"),
            Keep,
            "200 seat",
            Fresh,
        ),
    ]
}

fn broken_chunks() -> Vec<Case> {
    vec![
        case("a chunk without a size", "GET", ok(CHUNKED, "\r\nseat\r\n0\r\n\r\n"), Keep, "protocol 200", Fresh),
        case("a size that is none", "GET", ok(CHUNKED, "four\r\nseat\r\n0\r\n\r\n"), Keep, "protocol 200", Fresh),
        case("a negative size", "GET", ok(CHUNKED, "-4\r\nseat\r\n0\r\n\r\n"), Keep, "protocol 200", Fresh),
        case("a size with a prefix", "GET", ok(CHUNKED, "0x4\r\nseat\r\n0\r\n\r\n"), Keep, "protocol 200", Fresh),
        case("a size of 65 bits", "GET", ok(CHUNKED, "10000000000000000\r\nseat\r\n"), Keep, "protocol 200", Fresh),
        case("the largest size", "GET", ok(CHUNKED, "7fffffffffffffff\r\nseat"), Close, "body 200", Fresh),
        case(
            "a size with a number after a space",
            "GET",
            ok(CHUNKED, "4 4\r\nseat\r\n0\r\n\r\n"),
            Keep,
            "protocol 200",
            Fresh,
        ),
        case("a size without CR", "GET", ok(CHUNKED, "4\nseat\r\n0\r\n\r\n"), Keep, "protocol 200", Fresh),
        case(
            "a CR without LF after the size",
            "GET",
            ok(CHUNKED, "4\rxseat\r\n0\r\n\r\n"),
            Keep,
            "protocol 200",
            Fresh,
        ),
        case(
            "a line feed in an extension",
            "GET",
            ok(CHUNKED, "4;a\nb\r\nseat\r\n0\r\n\r\n"),
            Keep,
            "protocol 200",
            Fresh,
        ),
        case("a chunk longer than its size", "GET", ok(CHUNKED, "3\r\nseat\r\n0\r\n\r\n"), Keep, "protocol 200", Fresh),
        case(
            "a chunk shorter than its size",
            "GET",
            ok(CHUNKED, "5\r\nseat\r\n0\r\n\r\n"),
            Keep,
            "protocol 200",
            Fresh,
        ),
        case("a last chunk without its end", "GET", ok(CHUNKED, "4\r\nseat\r\n0\r\n\rx"), Keep, "protocol 200", Fresh),
        case("closed before the first chunk", "GET", ok(CHUNKED, ""), Close, "body 200", Fresh),
        case("closed in a size", "GET", ok(CHUNKED, "4\r\nseat\r\n1"), Close, "body 200", Fresh),
        case("closed in a chunk", "GET", ok(CHUNKED, "4\r\nsea"), Close, "body 200", Fresh),
        case("closed after a chunk", "GET", ok(CHUNKED, "4\r\nseat\r\n"), Close, "body 200", Fresh),
        case("closed after the last chunk", "GET", ok(CHUNKED, "4\r\nseat\r\n0\r\n"), Close, "body 200", Fresh),
        case("closed in a trailer", "GET", ok(CHUNKED, "4\r\nseat\r\n0\r\nx: y\r\n"), Close, "body 200", Fresh),
    ]
}

fn ends() -> Vec<Case> {
    let keep_alive = "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 4\r\n\r\nseat";
    vec![
        case("until the end", "GET", ok("", "seat"), Close, "200 seat", Fresh),
        case("nothing until the end", "GET", ok("", ""), Close, "200 ", Fresh),
        case("told to close", "GET", ok("Connection: close | Content-Length: 4", "seat"), Keep, "200 seat", Fresh),
        case(
            "told to close among others",
            "GET",
            ok("Connection: x, Close | Content-Length: 4", "seat"),
            Keep,
            "200 seat",
            Fresh,
        ),
        case("told to keep", "GET", ok("Connection: keep-alive | Content-Length: 4", "seat"), Keep, "200 seat", Same),
        case(
            "told to close, and closed",
            "GET",
            ok("Connection: close | Content-Length: 4", "seat"),
            Close,
            "200 seat",
            Fresh,
        ),
        case("not told, but closed", "GET", ok(LENGTH_4, "seat"), Close, "200 seat", Fresh),
        case("HTTP/1.0", "GET", "HTTP/1.0 200 OK\r\n\r\nseat", Close, "200 seat", Fresh),
        case(
            "HTTP/1.0 with a length",
            "GET",
            "HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nseat",
            Keep,
            "200 seat",
            Fresh,
        ),
        case("HTTP/1.0, kept alive", "GET", keep_alive, Keep, "200 seat", Same),
        // HTTP/1.0 has no chunks (RFC 9112, section 6.1).
        case(
            "HTTP/1.0 with chunks",
            "GET",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nseat\r\n0\r\n\r\n",
            Keep,
            "protocol",
            Fresh,
        ),
        case("closed without an answer", "GET", "", Close, "reset", Fresh),
        case("closed in the status line", "GET", "HTTP/1.1 20", Close, "reset", Fresh),
        case("closed after the status line", "GET", "HTTP/1.1 200 OK\r\n", Close, "reset", Fresh),
        case("closed in a header", "GET", "HTTP/1.1 200 OK\r\nContent-Le", Close, "reset", Fresh),
        case(
            "closed in the last line of the head",
            "GET",
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r",
            Close,
            "reset",
            Fresh,
        ),
        case("closed after an interim answer", "GET", "HTTP/1.1 103 Early Hints\r\n\r\n", Close, "reset", Fresh),
    ]
}

fn statuses() -> Vec<Case> {
    let hundred = "HTTP/1.1 100 Continue\r\n\r\n".repeat(100) + &ok(LENGTH_4, "seat");
    vec![
        case("HEAD", "HEAD", ok(LENGTH_4, ""), Keep, "200 ", Same),
        case("HEAD with chunks", "HEAD", ok(CHUNKED, ""), Keep, "200 ", Same),
        case("HEAD without a length", "HEAD", ok("", ""), Keep, "200 ", Same),
        case("204", "GET", "HTTP/1.1 204 No Content\r\n\r\n", Keep, "204 ", Same),
        case(
            "204 with a length of 0",
            "DELETE",
            "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
            Keep,
            "204 ",
            Same,
        ),
        case("304 with a length", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n", Keep, "304 ", Same),
        case(
            "304 with chunks",
            "GET",
            "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
            Keep,
            "304 ",
            Same,
        ),
        case("205", "GET", "HTTP/1.1 205 Reset\r\nContent-Length: 0\r\n\r\n", Keep, "205 ", Same),
        case("an error", "POST", "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy", Keep, "503 busy", Same),
        case("the largest status", "GET", "HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", Keep, "999 ", Same),
        case(
            "an interim answer",
            "GET",
            "HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n".to_owned() + &ok(LENGTH_4, "seat"),
            Keep,
            "200 seat",
            Same,
        ),
        case("a hundred interim answers", "GET", hundred, Keep, "200 seat", Same),
        // What follows speaks another protocol, which was not asked for.
        case("101", "GET", "HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", Keep, "101 ", Fresh),
        case(
            "a redirect that is not followed",
            "GET",
            "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
            Keep,
            "302 ",
            Same,
        ),
    ]
}

/// Bytes that nobody asked for must never be taken for the next answer.
fn surplus() -> Vec<Case> {
    vec![
        case("more than the length", "GET", ok(LENGTH_4, "seats"), Keep, "200 seat", Fresh),
        case("a line break more", "GET", ok(LENGTH_4, "seat\r\n"), Keep, "200 seat", Fresh),
        case("answered twice", "GET", ok(LENGTH_4, "seat") + &ok(LENGTH_4, "evil"), Keep, "200 seat", Fresh),
        case("more than the last chunk", "GET", ok(CHUNKED, "4\r\nseat\r\n0\r\n\r\nx"), Keep, "200 seat", Fresh),
        case("HEAD with a body", "HEAD", ok(LENGTH_4, "seat"), Keep, "200 ", Fresh),
        case("204 with a body", "GET", "HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nseat", Keep, "204 ", Fresh),
        case(
            "304 with a body",
            "GET",
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nseat",
            Keep,
            "304 ",
            Fresh,
        ),
        case(
            "an answer and a time-out",
            "GET",
            ok(LENGTH_4, "seat") + "HTTP/1.1 408 Timeout\r\n\r\n",
            Close,
            "200 seat",
            Fresh,
        ),
    ]
}

fn lines() -> Vec<Case> {
    let with = |header: &str| ok(&format!("{header} | {LENGTH_4}"), "seat");
    let mut nul = with("x: y").into_bytes();
    let position = nul.iter().position(|byte| *byte == b'y').unwrap_or_default();
    nul[position] = 0;
    let mut latin = with("x: y").into_bytes();
    latin[position] = 0xe9;
    vec![
        case("line feeds alone", "GET", "HTTP/1.1 200 OK\nContent-Length: 4\n\nseat", Keep, "200 seat", Same),
        case("a header of Latin 1", "GET", latin, Keep, "200 seat", Same),
        case("NUL in a header", "GET", nul, Keep, "protocol", Fresh),
        case("a line without a colon", "GET", with("no colon"), Keep, "protocol", Fresh),
        case("a header without a name", "GET", with(": y"), Keep, "protocol", Fresh),
        case("a space in a header's name", "GET", with("a b: y"), Keep, "protocol", Fresh),
        case("a space before the colon", "GET", with("x : y"), Keep, "protocol", Fresh),
        case("a folded header", "GET", with("x: y | \tz"), Keep, "protocol", Fresh),
        case("a carriage return in a header", "GET", with("x: a\rb"), Keep, "protocol", Fresh),
        case("an empty header", "GET", with("x:"), Keep, "200 seat", Same),
        case(
            "empty lines before the answer",
            "GET",
            "\r\n\r\n".to_owned() + &ok(LENGTH_4, "seat"),
            Keep,
            "200 seat",
            Same,
        ),
        case("no reason", "GET", "HTTP/1.1 200 \r\nContent-Length: 4\r\n\r\nseat", Keep, "200 seat", Same),
        case("no reason and no space", "GET", "HTTP/1.1 200\r\nContent-Length: 4\r\n\r\nseat", Keep, "200 seat", Same),
        case("NUL in the reason", "GET", "HTTP/1.1 200 O\0K\r\nContent-Length: 4\r\n\r\nseat", Keep, "protocol", Fresh),
        case(
            "a status of two digits",
            "GET",
            "HTTP/1.1 20 OK\r\nContent-Length: 4\r\n\r\nseat",
            Keep,
            "protocol",
            Fresh,
        ),
        case(
            "a status of four digits",
            "GET",
            "HTTP/1.1 2000 OK\r\nContent-Length: 4\r\n\r\nseat",
            Keep,
            "protocol",
            Fresh,
        ),
        case("a status below 100", "GET", "HTTP/1.1 099 OK\r\nContent-Length: 4\r\n\r\nseat", Keep, "protocol", Fresh),
        case("a negative status", "GET", "HTTP/1.1 -20 OK\r\nContent-Length: 4\r\n\r\nseat", Keep, "protocol", Fresh),
        case("no status", "GET", "HTTP/1.1 OK\r\n\r\n", Keep, "protocol", Fresh),
    ]
}

fn versions() -> Vec<Case> {
    const REST: &str = " 200 OK\r\nContent-Length: 4\r\n\r\nseat";
    let version = |name, version: &str| case(name, "GET", version.to_owned() + REST, Keep, "protocol", Fresh);
    vec![
        version("HTTP/0.9 in a head", "HTTP/0.9"),
        version("HTTP/1.2", "HTTP/1.2"),
        version("HTTP/2", "HTTP/2.0"),
        version("HTTP without a version", "HTTP"),
        version("small letters", "http/1.1"),
        version("a radio", "ICY"),
        case("HTTP/0.9: a page and nothing else", "GET", "<html>seat</html>\r\n\r\n", Close, "protocol", Fresh),
        case("a mail server", "GET", "220 mail.example ESMTP\r\n", Keep, "protocol", Fresh),
        case("a shell server", "GET", "SSH-2.0-OpenSSH_9.6\r\n", Keep, "protocol", Fresh),
        case("a TLS alert", "GET", b"\x15\x03\x01\x00\x02\x02\x16".to_vec(), Close, "protocol", Fresh),
        case("a frame of HTTP/2", "GET", b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x80".to_vec(), Close, "protocol", Fresh),
        case("noughts", "GET", vec![0; 100], Close, "protocol", Fresh),
    ]
}

/// What would fill the memory of a client that keeps it.
fn floods() -> Vec<Case> {
    let headers = |count: usize, length: usize| {
        let mut lines = String::new();
        for number in 0..count {
            let _ = write!(lines, "x-{number}: {}\r\n", "y".repeat(length));
        }
        lines
    };
    let answer = |lines: String| format!("HTTP/1.1 200 OK\r\n{lines}Content-Length: 4\r\n\r\nseat");
    let extension = ok(CHUNKED, &format!("4;{}\r\nseat\r\n0\r\n\r\n", "x".repeat(1 << 20)));
    let trailers = |lines: String| ok(CHUNKED, &format!("4\r\nseat\r\n0\r\n{lines}\r\n"));
    let reason = format!("HTTP/1.1 200 {}\r\n\r\n", "x".repeat(1 << 20));
    vec![
        case("90 headers", "GET", answer(headers(90, 100)), Keep, "200 seat", Same),
        case("a header of 60 kB", "GET", answer(headers(1, 60_000)), Keep, "200 seat", Same),
        case("10,000 headers", "GET", answer(headers(10_000, 1)), Keep, "protocol", Fresh),
        case("a header of 1 MB", "GET", answer(headers(1, 1 << 20)), Keep, "protocol", Fresh),
        case("a reason of 1 MB", "GET", reason, Keep, "protocol", Fresh),
        case("a chunk extension of 1 MB", "GET", extension, Keep, "protocol 200", Fresh),
        case("10,000 trailers", "GET", trailers(headers(10_000, 1)), Keep, "protocol 200", Fresh),
        case("a trailer of 1 MB", "GET", trailers(headers(1, 1 << 20)), Keep, "protocol 200", Fresh),
        case(
            "a chunk for each byte",
            "GET",
            ok(CHUNKED, &("1\r\nx\r\n".repeat(2_000) + "0\r\n\r\n")),
            Keep,
            LONG,
            Same,
        ),
    ]
}

/// `200` and 2,000 times x.
const LONG: &str = {
    const BYTES: [u8; 2004] = {
        let mut bytes = [b'x'; 2004];
        let status = b"200 ";
        let mut index = 0;
        while index < status.len() {
            bytes[index] = status[index];
            index += 1;
        }
        bytes
    };
    match std::str::from_utf8(&BYTES) {
        Ok(text) => text,
        Err(_) => "",
    }
};

/// The body came whole, so the connection is good, whatever the body turns out to be.
fn encodings() -> Vec<Case> {
    let gzip_of_nothing = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0";
    let mut empty = ok("Content-Encoding: gzip | Content-Length: 20", "").into_bytes();
    empty.extend_from_slice(gzip_of_nothing);
    let mut cut_off = ok("Content-Encoding: gzip | Content-Length: 12", "").into_bytes();
    cut_off.extend_from_slice(&gzip_of_nothing[..12]);
    vec![
        case("gzip", "GET", empty, Keep, "200 ", Same),
        case("gzip cut off", "GET", cut_off, Keep, "body 200", Same),
        case("not gzip", "GET", ok("Content-Encoding: gzip | Content-Length: 4", "seat"), Keep, "body 200", Same),
        case("not zstd", "GET", ok("Content-Encoding: zstd | Content-Length: 4", "seat"), Keep, "body 200", Same),
        case(
            "an unknown encoding",
            "GET",
            ok("Content-Encoding: rot13 | Content-Length: 4", "seat"),
            Keep,
            "200 seat",
            Same,
        ),
        case(
            "an encoding that is no text",
            "GET",
            ok("Content-Encoding: \u{e9} | Content-Length: 4", "seat"),
            Keep,
            "200 seat",
            Same,
        ),
        case("HEAD, compressed", "HEAD", ok("Content-Encoding: gzip | Content-Length: 20", ""), Keep, "200 ", Same),
    ]
}
