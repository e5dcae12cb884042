//! What all virtual users of a run share: how to resolve, connect and encrypt.

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use url::Url;

use crate::dns::Resolver;
use crate::measurement::Exhausted;
use crate::plan::target::HttpVersion;

use super::exhaustion::Exhaustion;
use super::origin::Origin;
use super::tls;

/// Decoded bytes of a body that are kept by default: 10 MiB.
pub const DEFAULT_MAX_BODY: usize = 10 * 1024 * 1024;

/// How a run's requests are sent.
#[derive(Clone, Debug)]
pub struct ClientSettings {
    pub resolver: Resolver,
    /// Any certificate will do (`insecureSkipTLSVerify`).
    pub insecure_skip_tls_verify: bool,
    /// Authorities to trust besides the system's.
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// Which HTTP is spoken (`httpVersion`).
    pub http_version: HttpVersion,
    /// Every request on a connection of its own (`noConnectionReuse`).
    pub no_connection_reuse: bool,
    /// Connections are not kept between iterations (`noVUConnectionReuse`).
    pub no_vu_connection_reuse: bool,
    /// Decoded bytes of a body that are kept; a larger body is read, counted and thrown away.
    pub max_body: usize,
}

impl ClientSettings {
    /// k6's defaults: certificates are verified and connections are kept.
    pub fn new(resolver: Resolver) -> ClientSettings {
        ClientSettings {
            resolver,
            insecure_skip_tls_verify: false,
            extra_roots: Vec::new(),
            http_version: HttpVersion::Auto,
            no_connection_reuse: false,
            no_vu_connection_reuse: false,
            max_body: DEFAULT_MAX_BODY,
        }
    }
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("TLS can't be set up: {0}; check the extra certificates")]
    Tls(#[from] rustls::Error),
}

/// Made once a run and shared by all workers.
#[derive(Debug)]
pub struct Client {
    pub(super) settings: ClientSettings,
    pub(super) tls: Arc<ClientConfig>,
    /// Spreads connections over the addresses of a name.
    pub(super) connections: AtomicUsize,
    /// Origins of `https` that were found to speak HTTP/1.1 only. Looked at when a connection is opened, never on the way of
    /// a request.
    http1_only: RwLock<Vec<Origin>>,
    pub(super) exhaustion: Exhaustion,
}

impl Client {
    /// Reads the system's certificates; does not touch the network.
    pub fn new(settings: ClientSettings) -> Result<Arc<Client>, ClientError> {
        let mut tls = tls::config(!settings.insecure_skip_tls_verify, &settings.extra_roots)?;
        tls.alpn_protocols = tls::protocols(settings.http_version);
        let (connections, http1_only) = (AtomicUsize::new(0), RwLock::default());
        let exhaustion = Exhaustion::default();
        Ok(Arc::new(Client { settings, tls: Arc::new(tls), connections, http1_only, exhaustion }))
    }

    /// Whether a connection to the URL's origin may turn out to be one that requests share: then it is not dialled twice at
    /// the same time.
    pub(super) fn may_share(&self, url: &Url) -> bool {
        match self.settings.http_version {
            _ if self.settings.no_connection_reuse => false,
            HttpVersion::One => false,
            HttpVersion::Two => true,
            HttpVersion::Auto => url.scheme() == "https" && !self.is_http1_only(url),
        }
    }

    /// Remembers that the URL's origin speaks HTTP/1.1 only.
    pub(super) fn note_http1(&self, url: &Url) {
        if !self.is_http1_only(url) {
            self.http1_only.write().unwrap_or_else(PoisonError::into_inner).push(Origin::of(url));
        }
    }

    fn is_http1_only(&self, url: &Url) -> bool {
        self.http1_only.read().unwrap_or_else(PoisonError::into_inner).iter().any(|origin| origin.is_of(url))
    }

    /// The connections that this machine refused since this was last asked, without its limits.
    pub fn take_exhausted(&self) -> Exhausted {
        self.exhaustion.take()
    }
}
