//! Where the load goes, and nowhere else.

use std::time::Duration;

use http::{HeaderName, StatusCode};
use url::Url;

use super::hosts::{Hosts, NamePattern};
use super::pem::PemSource;
use super::template::Template;
use super::url_template::UrlTemplate;
use crate::pairing::ArmMode;

/// The deployment under test.
#[derive(Debug, Default)]
pub struct Target {
    /// The plan's own URL; `--target` wins over it.
    pub url: Option<Url>,
    /// The plan's own URL where it has placeholders, which a GitHub job fills; then `url` is none.
    pub template: Option<UrlTemplate>,
    pub deployment: Discovery,
    pub ready: Option<Ready>,
    /// Sent with every request to the target and the reference, never to another host.
    pub headers: Vec<(HeaderName, Template)>,
    /// The only other hosts that the load may touch, as `host` or `host:port`, in lower case.
    pub allowed_hosts: Vec<String>,
    /// Addresses that stand for names in place of DNS (`hosts`).
    pub hosts: Hosts,
    /// The hosting tier, if the plan names one: part of the contract.
    pub tier: Option<String>,
    pub tls: Tls,
    /// Which HTTP the load speaks (`httpVersion`).
    pub http_version: HttpVersion,
    /// Every request on a connection of its own (`noConnectionReuse`).
    pub no_connection_reuse: bool,
    /// Connections are not kept between iterations (`noVUConnectionReuse`).
    pub no_vu_connection_reuse: bool,
    /// The one origin that the plan's script names: the target where nobody says or finds another.
    pub of_script: Option<Url>,
}

/// How a deployment is looked for in GitHub (`target.deployment`).
#[derive(Clone, Debug)]
pub struct Discovery {
    /// Its environment's name, in which `*` stands for any text; needed where a commit is deployed to several.
    pub environment: Option<String>,
    /// How long to wait for it.
    pub within: Duration,
}

impl Default for Discovery {
    /// Any environment, 15 minutes.
    fn default() -> Self {
        Discovery { environment: None, within: Duration::from_secs(15 * 60) }
    }
}

/// How connections are encrypted, and who trusts whom.
#[derive(Debug, Default)]
pub struct Tls {
    /// TLS verification is off (`insecureSkipTLSVerify`).
    pub insecure_skip_verify: bool,
    /// Authorities to trust besides the system's (`tls.ca`).
    pub ca: Vec<PemSource>,
    /// Certificates of our own, for servers that ask for one; the first that is for the server's name is shown.
    pub auth: Vec<TlsAuth>,
    pub versions: TlsVersions,
}

/// A client certificate (`tlsAuth`).
#[derive(Debug)]
pub struct TlsAuth {
    /// The servers it is for; empty for all.
    pub domains: Vec<NamePattern>,
    /// The certificate, followed by those of its intermediate authorities.
    pub cert: PemSource,
    pub key: PemSource,
}

/// The versions of TLS that may be spoken (`tlsVersion`), in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TlsVersions {
    pub min: TlsVersion,
    pub max: TlsVersion,
}

/// A version of TLS. Older ones than 1.2 are not spoken (RFC 8996).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TlsVersion {
    Tls12,
    Tls13,
}

impl TlsVersions {
    /// Whether the version may be spoken.
    pub fn contains(self, version: TlsVersion) -> bool {
        (self.min..=self.max).contains(&version)
    }
}

impl Default for TlsVersions {
    /// All.
    fn default() -> Self {
        TlsVersions { min: TlsVersion::Tls12, max: TlsVersion::Tls13 }
    }
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
    /// Parallel or alternating arms, where the plan says it.
    pub mode: Option<ArmMode>,
}
