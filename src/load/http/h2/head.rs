//! The head of a request as HTTP/2 has it.

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TE, TRANSFER_ENCODING, UPGRADE};
use http::uri::{Authority, PathAndQuery};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri, Version};

use super::H2;
use crate::load::http::Failure;
use crate::load::http::request::Head;
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
    /// The request that a head stands for. `Host` becomes the authority; headers of a connection are left out, since the same
    /// plan may reach a server by HTTP/1.1; the length is the body's.
    pub fn request(&self, head: &Head<'_>) -> Result<Request<Bytes>, Failure> {
        let (outgoing, target) = (head.outgoing, head.target());
        let target = PathAndQuery::try_from(target)
            .map_err(|error| Failure::new(ErrorClass::Protocol, format!("`{target}` can't be requested: {error}")))?;
        let mut headers = HeaderMap::with_capacity(outgoing.headers.len() + outgoing.origin_headers.len() + 3);
        let mut host = None;
        head.each_header(&mut |name, value| match name {
            &HOST => host = (value != self.0.host).then(|| value.clone()),
            &CONTENT_LENGTH => drop(headers.insert(CONTENT_LENGTH, value.clone())),
            &TE if value != "trailers" => {}
            name if OF_CONNECTION.contains(name) => {}
            name => drop(headers.append(name, value.clone())),
        });
        let authority = match host {
            Some(host) => authority(&host)?,
            None => self.0.authority.clone(),
        };
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
