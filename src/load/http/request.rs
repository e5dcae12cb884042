//! The head of a request: its own headers and what a session adds.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::header::{AUTHORIZATION, CONNECTION, CONTENT_LENGTH, COOKIE, HOST, PROXY_AUTHORIZATION, USER_AGENT};
use http::{HeaderName, HeaderValue, Method};
use percent_encoding::percent_decode_str;
use url::{Position, Url};

use super::Outgoing;
use super::connect::Forwarding;

/// Sent unless the request has its own.
pub(super) const OUR_USER_AGENT: HeaderValue =
    HeaderValue::from_static(concat!("loadgate/", env!("CARGO_PKG_VERSION")));
const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// A request on the way to a connection.
pub(super) struct Head<'a> {
    pub outgoing: &'a Outgoing,
    /// It goes to the arm's own origin, or where it was sent first.
    pub at_home: bool,
    /// The `Host` header, unless the request has its own.
    pub host: &'a HeaderValue,
    /// The jar's cookies.
    pub cookies: Option<String>,
    /// The `Authorization` header that proves by digest who it is.
    pub proof: Option<HeaderValue>,
    /// It goes to a proxy that passes it on.
    pub forwarding: Option<&'a Forwarding>,
    /// No other request will follow.
    pub close: bool,
}

impl Head<'_> {
    /// Path and query.
    pub fn target(&self) -> &str {
        match &self.outgoing.url[Position::BeforePath..Position::AfterQuery] {
            "" => "/",
            target => target,
        }
    }

    /// Writes the head as HTTP/1.1 has it.
    pub fn write(&self, out: &mut Vec<u8>) {
        let url = &self.outgoing.url;
        let origin = self.forwarding.map_or("", |_| &url[..Position::AfterScheme]);
        let host = self.forwarding.map_or("", |_| &url[Position::BeforeHost..Position::AfterPort]);
        let slashes = self.forwarding.map_or("", |_| "://");
        let method = self.outgoing.method.as_str();
        for part in [method, " ", origin, slashes, host, self.target(), " HTTP/1.1\r\n"] {
            out.extend_from_slice(part.as_bytes());
        }
        let mut write = |name: &HeaderName, value: &HeaderValue| {
            for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
                out.extend_from_slice(part);
            }
        };
        self.each_header(&mut write);
        if let Some(authorization) = self.forwarding.and_then(|forwarding| forwarding.authorization.as_ref()) {
            write(&PROXY_AUTHORIZATION, authorization);
        }
        out.extend_from_slice(b"\r\n");
    }

    /// Tells all headers in order.
    pub fn each_header(&self, tell: &mut dyn FnMut(&HeaderName, &HeaderValue)) {
        let outgoing = self.outgoing;
        let none = http::HeaderMap::new();
        let of_origin = if self.at_home { &outgoing.origin_headers } else { &none };
        let own = |name: &HeaderName| of_origin.get(name).or_else(|| outgoing.headers.get(name));
        tell(&HOST, own(&HOST).unwrap_or(self.host));
        let agent = own(&USER_AGENT);
        if agent.is_none() {
            tell(&USER_AGENT, &OUR_USER_AGENT);
        }
        let nameless = agent.is_some_and(HeaderValue::is_empty);
        let replaced = |name: &HeaderName| {
            // An empty one is not sent, as in Go.
            nameless && *name == USER_AGENT
                || *name == HOST
                || self.cookies.is_some() && *name == COOKIE
                || self.proof.is_some() && *name == AUTHORIZATION
        };
        for (name, value) in &outgoing.headers {
            if !replaced(name) && (of_origin.is_empty() || !of_origin.contains_key(name)) {
                tell(name, value);
            }
        }
        for (name, value) in of_origin {
            if !replaced(name) {
                tell(name, value);
            }
        }
        // Without a body too, some servers want it for each of these methods (RFC 9110, section 8.6).
        if !outgoing.body.is_empty() || matches!(outgoing.method, Method::POST | Method::PUT | Method::PATCH) {
            tell(&CONTENT_LENGTH, &HeaderValue::from(outgoing.body.len()));
        }
        if self.close {
            tell(&CONNECTION, &CLOSE);
        }
        if let Some(proof) = &self.proof {
            tell(&AUTHORIZATION, proof);
        } else if own(&AUTHORIZATION).is_none()
            && let Some(credentials) = basic(&outgoing.url)
        {
            tell(&AUTHORIZATION, &credentials);
        }
        if let Some(cookies) = &self.cookies {
            let cookies = match own(&COOKIE).and_then(|own| own.to_str().ok()) {
                Some(own) => HeaderValue::try_from(format!("{own}; {cookies}")),
                None => HeaderValue::try_from(cookies),
            };
            if let Ok(cookies) = cookies {
                tell(&COOKIE, &cookies);
            }
        }
    }
}

/// `http://user:password@host/` asks for basic authentication.
pub(super) fn basic(url: &Url) -> Option<HeaderValue> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let mut pair: Vec<u8> = percent_decode_str(url.username()).collect();
    pair.push(b':');
    pair.extend(percent_decode_str(url.password().unwrap_or_default()));
    let mut value = HeaderValue::try_from(format!("Basic {}", BASE64_STANDARD.encode(pair))).ok()?;
    value.set_sensitive(true);
    Some(value)
}
