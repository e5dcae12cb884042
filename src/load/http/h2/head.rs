//! The head of a request as HTTP/2 has it.

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TE, TRANSFER_ENCODING, UPGRADE};
use http::uri::{Authority, PathAndQuery};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri, Version};
use url::Position;

use super::H2;
use crate::load::http::{Failure, Outgoing};
use crate::measurement::ErrorClass;

/// Headers that speak of an HTTP/1.1 connection, which HTTP/2 forbids (RFC 9113, section 8.2.2).
const OF_CONNECTION: [HeaderName; 5] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    TRANSFER_ENCODING,
    UPGRADE,
];

impl H2 {
    /// The request that is sent for `outgoing` with these headers. `host` becomes the authority; headers of a connection are
    /// left out, since the same plan may reach a server by HTTP/1.1; the length is the body's.
    pub fn request(&self, outgoing: &Outgoing, mut headers: HeaderMap) -> Result<Request<Bytes>, Failure> {
        let target = match &outgoing.url[Position::BeforePath..Position::AfterQuery] {
            "" => "/",
            target => target,
        };
        let target = PathAndQuery::try_from(target)
            .map_err(|error| Failure::new(ErrorClass::Protocol, format!("`{target}` can't be requested: {error}")))?;
        let authority = match headers.remove(HOST) {
            Some(host) if host != self.0.host => authority(&host)?,
            _ => self.0.authority.clone(),
        };
        for name in &OF_CONNECTION {
            headers.remove(name);
        }
        if headers.get(TE).is_some_and(|te| te != "trailers") {
            headers.remove(TE);
        }
        if !outgoing.body.is_empty() {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(outgoing.body.len()));
        }
        let uri = Uri::builder().scheme(self.0.scheme.clone()).authority(authority).path_and_query(target).build();
        let mut request = Request::new(outgoing.body.clone());
        *request.version_mut() = Version::HTTP_2;
        *request.method_mut() = outgoing.method.clone();
        *request.uri_mut() = uri.map_err(|error| Failure::new(ErrorClass::Protocol, error.to_string()))?;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

fn authority(host: &HeaderValue) -> Result<Authority, Failure> {
    Authority::try_from(host.as_bytes()).map_err(|error| {
        Failure::new(ErrorClass::Protocol, format!("the header `host: {host:?}` is no authority in HTTP/2: {error}"))
    })
}
