//! The HTTP client of the load path: connections that tell how long each phase of a request took.
//!
//! A [`Client`] is made once a run and shared by all workers (TLS and DNS settings). A [`Session`] is one virtual user's:
//! its connections, and its cookies of one iteration.

mod body;
mod client;
mod connect;
mod cookies;
mod digest;
mod exchange;
mod exhaustion;
mod failure;
mod h1;
mod h2;
mod headers;
mod large;
mod limit;
mod meter;
mod origin;
mod peer;
mod pool;
mod proxy;
mod ready;
mod redirect;
mod request;
mod session;
mod stream;
#[cfg(test)]
mod tests;
mod tls;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use url::Url;

use crate::measurement::{ErrorClass, Phases};

pub use client::{Client, ClientError, ClientSettings, DEFAULT_MAX_BODY};
pub use cookies::Jar;
pub use digest::Credentials;
pub use exhaustion::Resource;
pub use headers::Headers;
pub use peer::PeerInfo;
pub use proxy::Proxies;
pub use ready::{Attempt, NotReady, wait_until_ready};
pub use session::Session;
pub use tls::TlsSettings;

/// A request ready to be sent.
#[derive(Clone, Debug)]
pub struct Outgoing {
    pub method: Method,
    pub url: Url,
    /// Without `host`, `content-length` and `cookie`, which the client adds.
    pub headers: HeaderMap,
    /// Sent only to the arm's own origin: dropped on a redirect elsewhere.
    pub origin_headers: HeaderMap,
    pub body: Bytes,
    /// For the whole exchange, redirects included.
    pub timeout: Duration,
    /// Redirects followed at most.
    pub redirects: u32,
    /// Whether the session's cookies are sent and kept.
    pub cookies: bool,
    /// Proves who it is to the origin if that asks for it by a digest challenge.
    pub digest: Option<Arc<Credentials>>,
}

/// One request as it was sent and what came back: a redirect makes one for each hop.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Where it was sent, if a redirect led there; none for the request as it was given.
    pub hop: Option<Box<Hop>>,
    pub phases: Phases,
    /// Bytes written and read on the network, before decompression and after encryption where there is TLS. The first
    /// exchange of a connection counts the TLS handshake too.
    pub sent: u64,
    pub received: u64,
    pub outcome: Result<Answer, Failure>,
    /// Whom it was sent to; none where there was no connection.
    pub peer: Option<Arc<PeerInfo>>,
    /// A redirect that was followed, or a digest challenge that was answered: the next exchange is its answer.
    pub redirected: bool,
}

/// The request that follows a redirect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    pub method: Method,
    pub url: Url,
}

/// A complete answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: Headers,
    /// Decompressed; empty where the size limit was passed and the rest was read, counted and thrown away.
    pub body: Bytes,
    /// The body was over the limit and is not kept.
    pub truncated: bool,
}

/// Why there is no complete answer.
#[derive(Clone, Debug)]
pub struct Failure {
    pub class: ErrorClass,
    /// The cause in words, for the evidence.
    pub message: String,
    /// The status, where the head of the answer had come.
    pub status: Option<StatusCode>,
    /// What this machine had no more of, where that was the cause: not the target's failure.
    pub missing: Option<Resource>,
}

/// Whether two URLs have the same scheme (of HTTP), host and port: what [`Url::origin`] compares, without
/// copying it.
pub fn same_origin(a: &Url, b: &Url) -> bool {
    a.scheme() == b.scheme()
        && a.host_str() == b.host_str()
        && a.port_or_known_default() == b.port_or_known_default()
        && matches!(a.scheme(), "http" | "https")
}

/// A URL as people may see it: without user name and password.
pub fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // Fails only where there can be none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}
