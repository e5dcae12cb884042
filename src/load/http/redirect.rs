//! Where a redirect leads and what of the request goes there: the rules of Go's client, which k6 uses, with the origin (the
//! fetch standard's) deciding what is secret.

use bytes::Bytes;
use http::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LOCATION, CONTENT_TYPE, COOKIE, HOST, LOCATION,
    PROXY_AUTHORIZATION,
};
use http::{Method, StatusCode};
use url::Url;

use crate::measurement::ErrorClass;

use super::{Failure, Headers, Outgoing, same_origin};

/// What only the origin that was asked first may see or be called by, and what describes a body.
const OF_ORIGIN: [http::HeaderName; 4] = [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE, HOST];
const BODY_HEADERS: [http::HeaderName; 4] = [CONTENT_TYPE, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LOCATION];

/// Where an answer redirects to. None: it doesn't, or names no place. Err: the place is no URL.
pub(super) fn location(status: StatusCode, headers: &Headers, from: &Url) -> Option<Result<Url, Failure>> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let value = headers.get(LOCATION)?;
    let to = match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => from.join(text).map_err(|error| format!("`{text}`: {error}")),
        Err(error) => Err(format!("{value:?}: {error}")),
    };
    Some(to.map_err(|cause| Failure {
        status: Some(status),
        ..Failure::new(ErrorClass::Protocol, format!("the redirect leads to no URL: {cause}"))
    }))
}

/// Turns a request that was answered with a redirect into the next one.
pub(super) fn follow(outgoing: &mut Outgoing, status: StatusCode, to: Url) {
    let keeps_method = matches!(status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT);
    if !keeps_method {
        if outgoing.method != Method::HEAD {
            outgoing.method = Method::GET;
        }
        outgoing.body = Bytes::new();
        for name in &BODY_HEADERS {
            outgoing.headers.remove(name);
            outgoing.origin_headers.remove(name);
        }
    }
    if !same_origin(&to, &outgoing.url) {
        for name in &OF_ORIGIN {
            outgoing.headers.remove(name);
        }
    }
    outgoing.redirects -= 1;
    outgoing.url = to;
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::HeaderMap;

    use super::*;

    fn outgoing(method: &str) -> Outgoing {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, "Bearer token".parse().unwrap());
        headers.insert(CONTENT_TYPE, "text/plain".parse().unwrap());
        headers.insert("x-trace", "7".parse().unwrap());
        headers.insert(HOST, "shop.test".parse().unwrap());
        Outgoing {
            method: method.parse().unwrap(),
            url: "https://shop.example/cart/add?x=1".parse().unwrap(),
            headers,
            origin_headers: HeaderMap::new(),
            body: Bytes::from_static(b"seat"),
            timeout: Duration::from_secs(1),
            redirects: 10,
            cookies: true,
        }
    }

    /// Method and status, then the next method, and whether the body goes along.
    #[test]
    fn the_status_decides_on_method_and_body() {
        for (method, status, next, body) in [
            ("GET", 301, "GET", false),
            ("POST", 301, "GET", false),
            ("POST", 302, "GET", false),
            ("POST", 303, "GET", false),
            ("PUT", 302, "GET", false),
            ("DELETE", 303, "GET", false),
            ("HEAD", 301, "HEAD", false),
            ("HEAD", 303, "HEAD", false),
            ("GET", 307, "GET", true),
            ("POST", 307, "POST", true),
            ("PATCH", 308, "PATCH", true),
            ("HEAD", 308, "HEAD", true),
        ] {
            let mut outgoing = outgoing(method);
            let next_url = "https://shop.example/next".parse().unwrap();
            follow(&mut outgoing, StatusCode::from_u16(status).unwrap(), next_url);
            assert_eq!(outgoing.url.path(), "/next");
            assert_eq!(outgoing.method.as_str(), next, "{method} {status}");
            assert_eq!(!outgoing.body.is_empty(), body, "{method} {status}");
            assert_eq!(outgoing.headers.contains_key(CONTENT_TYPE), body, "{method} {status}");
            assert!(outgoing.headers.contains_key("x-trace"));
            assert_eq!(outgoing.redirects, 9);
        }
    }

    #[test]
    fn secrets_stay_with_their_origin() {
        for (to, kept) in [
            ("https://shop.example/login", true),
            ("https://shop.example:443/login", true),
            ("https://shop.example:8443/login", false),
            ("http://shop.example/login", false),
            ("https://auth.shop.example/login", false),
            ("https://evil.example/", false),
        ] {
            let mut outgoing = outgoing("GET");
            follow(&mut outgoing, StatusCode::FOUND, to.parse().unwrap());
            assert_eq!(outgoing.headers.contains_key(AUTHORIZATION), kept, "{to}");
            assert_eq!(outgoing.headers.contains_key(HOST), kept, "{to}");
            assert!(outgoing.headers.contains_key("x-trace"), "{to}");
        }
    }

    #[test]
    fn a_location_is_read_relative_to_the_request() {
        let from: Url = "https://shop.example/cart/add?x=1".parse().unwrap();
        for (status, value, expected) in [
            (302, Some("/login"), Some("https://shop.example/login")),
            (302, Some("done?y=2#top"), Some("https://shop.example/cart/done?y=2#top")),
            (302, Some("//cdn.example/x"), Some("https://cdn.example/x")),
            (302, Some("http://other.example"), Some("http://other.example/")),
            (308, Some("myapp://callback"), Some("myapp://callback")),
            (302, Some("http://[broken"), Some("error")),
            (302, None, None),
            (300, Some("/x"), None),
            (304, Some("/x"), None),
            (201, Some("/x"), None),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(value) = value {
                headers.insert(LOCATION, value.parse().unwrap());
            }
            let got = location(StatusCode::from_u16(status).unwrap(), &headers.into(), &from);
            let got = got.map(|to| to.map_or("error".to_owned(), String::from));
            assert_eq!(got.as_deref(), expected, "{status} {value:?}");
        }
    }

    #[test]
    fn a_broken_location_is_named() {
        let from: Url = "https://shop.example/".parse().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(LOCATION, "http://[broken".parse().unwrap());
        let failure = location(StatusCode::FOUND, &headers.into(), &from).unwrap().unwrap_err();
        assert_eq!((failure.class, failure.status), (ErrorClass::Protocol, Some(StatusCode::FOUND)));
        insta::assert_snapshot!(failure.message, @"the redirect leads to no URL: `http://[broken`: invalid IPv6 address");
    }
}
