//! The head of an HTTP/1.1 answer: what the protocol itself must know of it (RFC 9112).

use http::{Method, StatusCode};
use httparse::Header;

use crate::load::http::headers::{Noted, with_headers};

use super::framing::Framing;

/// A head that ends a wait for one.
#[derive(Debug, PartialEq)]
pub(super) struct Head {
    pub status: StatusCode,
    /// In bytes.
    pub length: usize,
    pub framing: Framing,
    /// Whether the server keeps the connection open, as far as the head tells.
    pub keep_alive: bool,
    pub noted: Noted,
}

/// What the bytes so far are.
#[derive(Debug, PartialEq)]
pub(super) enum Parsed {
    Partial,
    /// An answer on the way (1xx) of so many bytes: the real one follows.
    Informational(usize),
    Final(Head),
}

/// Reads the head at the start of `bytes`, the answer to a request with this method.
///
/// # Errors
/// It is no valid HTTP, and why.
pub(super) fn parse(bytes: &[u8], method: &Method) -> Result<Parsed, String> {
    let head = with_headers(bytes, |response| {
        let code = response.code.unwrap_or_default();
        let status = StatusCode::from_u16(code).map_err(|_| format!("invalid response status {code}"))?;
        let http_1_1 = response.version == Some(1);
        let fields = Fields::read(response.headers)?;
        let framing = fields.framing(status, method, http_1_1);
        let keeps = if http_1_1 { !fields.close } else { fields.keep_alive && !fields.close };
        // After 101 the connection speaks something else.
        let keep_alive = keeps && framing != Framing::UntilClose && status != StatusCode::SWITCHING_PROTOCOLS;
        Ok::<_, String>((status, framing, keep_alive, fields.noted))
    });
    match head.map_err(|error| error.to_string())? {
        None => Ok(Parsed::Partial),
        Some((length, fields)) => Ok(match fields? {
            (status, ..) if status.is_informational() && status != StatusCode::SWITCHING_PROTOCOLS => {
                Parsed::Informational(length)
            }
            (status, framing, keep_alive, noted) => Parsed::Final(Head { status, length, framing, keep_alive, noted }),
        }),
    }
}

/// The header fields that decide how an answer ends.
#[derive(Debug, Default)]
struct Fields {
    content_length: Option<u64>,
    transfer_encoding: bool,
    /// The last transfer coding is `chunked`.
    chunked: bool,
    close: bool,
    keep_alive: bool,
    noted: Noted,
}

impl Fields {
    fn read(headers: &[Header<'_>]) -> Result<Fields, String> {
        let mut fields = Fields::default();
        for Header { name, value } in headers {
            // By length first: almost every name is told apart by it.
            match name.len() {
                10 if name.eq_ignore_ascii_case("connection") => {
                    fields.close |= has_token(value, "close");
                    fields.keep_alive |= has_token(value, "keep-alive");
                }
                10 if name.eq_ignore_ascii_case("set-cookie") => fields.noted.set_cookie = true,
                14 if name.eq_ignore_ascii_case("content-length") => fields.add_length(value)?,
                16 if name.eq_ignore_ascii_case("content-encoding") => fields.noted.content_encoding = true,
                17 if name.eq_ignore_ascii_case("transfer-encoding") => {
                    fields.transfer_encoding = true;
                    fields.chunked = tokens(value).last().is_some_and(|token| token.eq_ignore_ascii_case(b"chunked"));
                }
                _ => {}
            }
        }
        Ok(fields)
    }

    /// Lengths that are told again must be the same (section 6.3).
    fn add_length(&mut self, value: &[u8]) -> Result<(), String> {
        for token in tokens(value) {
            let length = std::str::from_utf8(token)
                .ok()
                .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))
                .and_then(|digits| digits.parse().ok());
            let invalid = || format!("invalid content-length `{}`", String::from_utf8_lossy(value));
            let length: u64 = length.ok_or_else(invalid)?;
            if self.content_length.replace(length).is_some_and(|before| before != length) {
                return Err(invalid());
            }
        }
        Ok(())
    }

    /// Section 6.3, in its order.
    fn framing(&self, status: StatusCode, method: &Method, http_1_1: bool) -> Framing {
        let bodiless = matches!(status.as_u16(), 101 | 204 | 304) || *method == Method::HEAD;
        match self.content_length {
            _ if bodiless => Framing::Length(0),
            // A length beside it is wrong, and HTTP/1.0 knows no transfer codings.
            _ if self.transfer_encoding && http_1_1 && self.chunked => Framing::Chunked,
            _ if self.transfer_encoding => Framing::UntilClose,
            Some(length) => Framing::Length(length),
            None => Framing::UntilClose,
        }
    }
}

fn tokens(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii)
}

fn has_token(value: &[u8], token: &str) -> bool {
    tokens(value).any(|other| other.eq_ignore_ascii_case(token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(method: &str, head: &str) -> String {
        let bytes = head.replace('|', "\r\n");
        match parse(bytes.as_bytes(), &method.parse().unwrap()) {
            Ok(Parsed::Final(Head { status, length, framing, keep_alive, .. })) => {
                assert_eq!(length, bytes.len(), "{head}");
                format!("{} {framing:?}{}", status.as_u16(), if keep_alive { ", kept" } else { "" })
            }
            Ok(other) => format!("{other:?}"),
            Err(error) => error,
        }
    }

    /// Method, head (`|` is a line's end), and how its answer ends.
    #[test]
    fn the_head_tells_how_the_answer_ends() {
        for (method, head, expected) in [
            ("GET", "HTTP/1.1 200 OK|Content-Length: 4||", "200 Length(4), kept"),
            ("GET", "HTTP/1.1 200|content-length:4||", "200 Length(4), kept"),
            ("GET", "HTTP/1.1 200 OK|Content-Length: 4|Content-Length: 4||", "200 Length(4), kept"),
            ("GET", "HTTP/1.1 200 OK|Content-Length: 4, 4||", "200 Length(4), kept"),
            ("GET", "HTTP/1.1 200 OK|Content-Length: 4|Content-Length: 5||", "invalid content-length `5`"),
            ("GET", "HTTP/1.1 200 OK|Content-Length: -4||", "invalid content-length `-4`"),
            ("GET", "HTTP/1.1 200 OK|Content-Length: +4||", "invalid content-length `+4`"),
            ("GET", "HTTP/1.1 200 OK|Content-Length:||", "invalid content-length ``"),
            (
                "GET",
                "HTTP/1.1 200 OK|Content-Length: 18446744073709551616||",
                "invalid content-length `18446744073709551616`",
            ),
            ("GET", "HTTP/1.1 200 OK|Transfer-Encoding: chunked||", "200 Chunked, kept"),
            ("GET", "HTTP/1.1 200 OK|Transfer-Encoding: gzip, Chunked||", "200 Chunked, kept"),
            ("GET", "HTTP/1.1 200 OK|Transfer-Encoding: gzip|Transfer-Encoding: chunked||", "200 Chunked, kept"),
            ("GET", "HTTP/1.1 200 OK|Transfer-Encoding: chunked, gzip||", "200 UntilClose"),
            ("GET", "HTTP/1.1 200 OK|Content-Length: 4|Transfer-Encoding: chunked||", "200 Chunked, kept"),
            ("GET", "HTTP/1.0 200 OK|Transfer-Encoding: chunked||", "200 UntilClose"),
            ("GET", "HTTP/1.1 200 OK||", "200 UntilClose"),
            ("GET", "HTTP/1.1 200 OK|Connection: Close|Content-Length: 4||", "200 Length(4)"),
            ("GET", "HTTP/1.1 200 OK|Connection: x, close|Content-Length: 4||", "200 Length(4)"),
            ("GET", "HTTP/1.0 200 OK|Content-Length: 4||", "200 Length(4)"),
            ("GET", "HTTP/1.0 200 OK|Connection: keep-alive|Content-Length: 4||", "200 Length(4), kept"),
            ("HEAD", "HTTP/1.1 200 OK|Content-Length: 4||", "200 Length(0), kept"),
            ("HEAD", "HTTP/1.1 200 OK|Transfer-Encoding: chunked||", "200 Length(0), kept"),
            ("GET", "HTTP/1.1 204 No Content||", "204 Length(0), kept"),
            ("GET", "HTTP/1.1 304 Not Modified|Content-Length: 4||", "304 Length(0), kept"),
            ("GET", "HTTP/1.1 100 Continue||", "Informational(25)"),
            ("GET", "HTTP/1.1 101 Switching Protocols|Upgrade: x||", "101 Length(0)"),
            ("GET", "HTTP/1.1 200 OK|Content-Le", "Partial"),
            ("GET", "", "Partial"),
            ("GET", "HTTP/2 200 OK||", "invalid HTTP version"),
            ("GET", "HTTP/1.1 099 Odd||", "invalid response status 99"),
            ("GET", "HTTP/1.1 OK||", "invalid response status"),
            ("GET", "HTTP/1.1 200 OK|no colon||", "invalid header name"),
            ("GET", "HTTP/1.1 200 OK|x: \0||", "invalid header value"),
        ] {
            assert_eq!(parsed(method, head), expected, "{method} {head}");
        }
    }

    #[test]
    fn what_the_client_looks_for_is_noted() {
        let head = b"HTTP/1.1 200 OK\r\nset-Cookie: a=1\r\nCONTENT-ENCODING: gzip\r\n\r\n";
        let Ok(Parsed::Final(head)) = parse(head, &Method::GET) else { panic!("a whole head") };
        assert_eq!(head.noted, Noted { content_encoding: true, set_cookie: true });
    }
}
