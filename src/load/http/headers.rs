//! The headers of an answer: kept as they came, and read when somebody asks for one.

use std::mem::MaybeUninit;
use std::ops::Deref;
use std::sync::OnceLock;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use httparse::{Header, ParserConfig, Response, Status};

/// Most headers of an answer. More are no valid answer: the memory for them is on the stack.
pub(super) const MOST_HEADERS: usize = 128;

/// An answer's headers. Most answers are never asked for one, so they are only read when they are.
#[derive(Clone, Debug, Default)]
pub struct Headers {
    /// A head that has been read before: HTTP/1.1 only.
    raw: Bytes,
    map: OnceLock<HeaderMap>,
    noted: Noted,
}

/// What the client itself looks for in every answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Noted {
    pub content_encoding: bool,
    pub set_cookie: bool,
}

impl Headers {
    /// `head`: the bytes of a valid head, status line included.
    pub(super) fn unread(head: Bytes, noted: Noted) -> Headers {
        Headers { raw: head, map: OnceLock::new(), noted }
    }

    pub(super) fn noted(&self) -> Noted {
        self.noted
    }
}

impl From<HeaderMap> for Headers {
    fn from(map: HeaderMap) -> Headers {
        let has = |name: &str| map.contains_key(name);
        let noted = Noted { content_encoding: has("content-encoding"), set_cookie: has("set-cookie") };
        Headers { raw: Bytes::new(), map: map.into(), noted }
    }
}

impl Deref for Headers {
    type Target = HeaderMap;

    fn deref(&self) -> &HeaderMap {
        self.map.get_or_init(|| read(&self.raw))
    }
}

fn read(head: &Bytes) -> HeaderMap {
    let mut map = HeaderMap::new();
    // It has been read before, so it is complete and without errors.
    let _ = with_headers(head, |response| {
        for header in response.headers.iter() {
            // The parser lets no other characters through than these two take.
            let name = HeaderName::from_bytes(header.name.as_bytes());
            let value = HeaderValue::from_maybe_shared(head.slice_ref(header.value));
            if let (Ok(name), Ok(value)) = (name, value) {
                map.append(name, value);
            }
        }
    });
    map
}

/// Reads a head; `look` is shown it where it is complete, and its length is told.
pub(super) fn with_headers<T>(
    bytes: &[u8],
    look: impl FnOnce(&Response<'_, '_>) -> T,
) -> Result<Option<(usize, T)>, httparse::Error> {
    let mut headers = [const { MaybeUninit::<Header<'_>>::uninit() }; MOST_HEADERS];
    let mut response = Response::new(&mut []);
    let config = ParserConfig::default();
    Ok(match config.parse_response_with_uninit_headers(&mut response, bytes, &mut headers)? {
        Status::Complete(length) => Some((length, look(&response))),
        Status::Partial => None,
    })
}

#[cfg(test)]
mod tests {
    use http::header::{CONTENT_TYPE, SET_COOKIE};

    use super::*;

    #[test]
    fn headers_are_read_when_they_are_asked_for() {
        let head = Bytes::from_static(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nSet-Cookie: a=1\r\nset-cookie: b=\xe9\r\n\r\n",
        );
        let headers = Headers::unread(head, Noted::default());
        assert!(headers.map.get().is_none());
        assert_eq!(headers[CONTENT_TYPE], "text/plain");
        let cookies: Vec<&[u8]> = headers.get_all(SET_COOKIE).iter().map(HeaderValue::as_bytes).collect();
        assert_eq!(cookies, [b"a=1", &b"b=\xe9"[..]]);
    }
}
