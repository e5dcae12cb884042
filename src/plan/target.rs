//! Where the load goes, and nowhere else.

use std::time::Duration;

use http::{HeaderName, StatusCode};
use url::Url;

use super::template::Template;

/// The deployment under test.
#[derive(Debug)]
pub struct Target {
    /// The plan's own URL; `--target` wins over it.
    pub url: Option<Url>,
    pub ready: Option<Ready>,
    /// Sent with every request to the target and the reference, never to another host.
    pub headers: Vec<(HeaderName, Template)>,
    /// The only other hosts that the load may touch, as `host` or `host:port`, in lower case.
    pub allowed_hosts: Vec<String>,
    /// The hosting tier, if the plan names one: part of the contract.
    pub tier: Option<String>,
    /// TLS verification is off (`insecureSkipTLSVerify`).
    pub insecure_skip_tls_verify: bool,
    /// Which HTTP the load speaks (`httpVersion`).
    pub http_version: HttpVersion,
    /// Every request on a connection of its own (`noConnectionReuse`).
    pub no_connection_reuse: bool,
    /// Connections are not kept between iterations (`noVUConnectionReuse`).
    pub no_vu_connection_reuse: bool,
}

/// Which HTTP the load speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HttpVersion {
    /// What the server prefers in the TLS handshake (ALPN), of HTTP/2 and HTTP/1.1; HTTP/1.1 without TLS.
    #[default]
    Auto,
    /// HTTP/1.1.
    One,
    /// HTTP/2 or nothing; without TLS with prior knowledge (h2c).
    Two,
}

/// When the target counts as ready.
#[derive(Clone, Debug)]
pub struct Ready {
    pub path: String,
    pub status: StatusCode,
    pub within: Duration,
}

/// The base deployment of paired mode.
#[derive(Debug)]
pub struct Reference {
    /// None for `auto`: a deployment of the merge base.
    pub url: Option<Url>,
    pub headers: Vec<(HeaderName, Template)>,
    /// What both deployments share (`database`, `cache`, `host`): it decides between parallel and alternating arms.
    pub shares: Vec<String>,
}
