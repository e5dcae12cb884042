//! What all virtual users of a run share: how to resolve, connect and encrypt.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;

use crate::dns::Resolver;
use crate::measurement::Exhausted;

use super::exhaustion::Exhaustion;
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
    pub(super) exhaustion: Exhaustion,
}

impl Client {
    /// Reads the system's certificates; does not touch the network.
    pub fn new(settings: ClientSettings) -> Result<Arc<Client>, ClientError> {
        let tls = Arc::new(tls::config(!settings.insecure_skip_tls_verify, &settings.extra_roots)?);
        Ok(Arc::new(Client { settings, tls, connections: AtomicUsize::new(0), exhaustion: Exhaustion::default() }))
    }

    /// The connections that this machine refused since this was last asked, without its limits.
    pub fn take_exhausted(&self) -> Exhausted {
        self.exhaustion.take()
    }
}
