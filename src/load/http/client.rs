//! What all virtual users of a run share: how to resolve, connect and encrypt.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use url::Url;

use crate::dns::Resolver;
use crate::load::arm::variables;
use crate::measurement::contract::HttpSpoken;
use crate::measurement::{ErrorClass, Exhausted};
use crate::plan::Plan;
use crate::plan::expression::EvaluationError;
use crate::plan::hosts::Hosts;
use crate::plan::pem::{Identity, PemError, PemSource, authorities, identity};
use crate::plan::target::{HttpVersion, TlsAuth};

use super::Failure;
use super::exhaustion::Exhaustion;
use super::origin::Origin;
use super::proxy::{Proxies, Proxy};
use super::tls::{Tls, TlsSettings};

/// Decoded bytes of a body that are kept by default: 10 MiB.
pub const DEFAULT_MAX_BODY: usize = 10 * 1024 * 1024;

/// How a run's requests are sent.
#[derive(Clone, Debug)]
pub struct ClientSettings {
    pub resolver: Resolver,
    /// Addresses that stand for names in place of the resolver's.
    pub hosts: Hosts,
    pub proxies: Proxies,
    pub tls: TlsSettings,
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
    /// k6's defaults: certificates are verified and connections are kept. No proxies.
    pub fn new(resolver: Resolver) -> ClientSettings {
        ClientSettings {
            resolver,
            hosts: Hosts::default(),
            proxies: Proxies::default(),
            tls: TlsSettings::default(),
            http_version: HttpVersion::Auto,
            no_connection_reuse: false,
            no_vu_connection_reuse: false,
            max_body: DEFAULT_MAX_BODY,
        }
    }

    /// What a plan says of its target.
    ///
    /// # Errors
    /// Certificates or keys that the environment holds and that can't be used.
    pub fn of_plan(plan: &Plan, resolver: Resolver, proxies: Proxies) -> Result<ClientSettings, ClientError> {
        let target = &plan.target;
        let mut extra_roots = Vec::new();
        for (index, source) in target.tls.ca.iter().enumerate() {
            let text = Pem::of(plan, source, || format!("target.tls.ca[{index}]"))?;
            extra_roots.extend::<Vec<CertificateDer<'static>>>(authorities(&text.name, &text.content)?);
        }
        let own = |(index, auth): (usize, &TlsAuth)| -> Result<Identity, ClientError> {
            let cert = Pem::of(plan, &auth.cert, || format!("target.tlsAuth[{index}].cert"))?;
            let key = Pem::of(plan, &auth.key, || format!("target.tlsAuth[{index}].key"))?;
            Ok(identity((&cert.name, &cert.content), (&key.name, &key.content))?)
        };
        let identities = target.tls.auth.iter().enumerate();
        let identities = identities.map(|(index, auth)| Ok((auth.domains.clone(), own((index, auth))?)));
        Ok(ClientSettings {
            hosts: target.hosts.clone(),
            proxies,
            tls: TlsSettings {
                insecure_skip_verify: target.tls.insecure_skip_verify,
                extra_roots,
                versions: target.tls.versions,
                identities: identities.collect::<Result<_, ClientError>>()?,
            },
            http_version: target.http_version,
            no_connection_reuse: target.no_connection_reuse,
            no_vu_connection_reuse: target.no_vu_connection_reuse,
            ..ClientSettings::new(resolver)
        })
    }
}

/// Certificates or a key, and what they are called in errors.
struct Pem {
    name: String,
    content: bytes::Bytes,
}

impl Pem {
    fn of(plan: &Plan, source: &PemSource, key: impl FnOnce() -> String) -> Result<Pem, ClientError> {
        match source {
            PemSource::File { path, content } => Ok(Pem { name: format!("`{path}`"), content: content.clone() }),
            PemSource::Template(template) => {
                let name = key();
                let mut text = String::new();
                let rendered = template.render(&variables(plan), &mut text);
                rendered.map_err(|error| ClientError::Template { key: name.clone(), error })?;
                Ok(Pem { name, content: text.into() })
            }
        }
    }
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("TLS can't be set up: {0}; check the extra certificates")]
    Tls(#[from] rustls::Error),
    #[error(transparent)]
    Pem(#[from] PemError),
    #[error("{key}: {error}")]
    Template { key: String, error: EvaluationError },
}

/// Made once a run and shared by all workers.
#[derive(Debug)]
pub struct Client {
    pub(super) settings: ClientSettings,
    pub(super) tls: Tls,
    /// Spreads connections over the addresses of a name.
    pub(super) connections: AtomicUsize,
    /// Origins of `https` that were found to speak HTTP/1.1 only. Looked at when a connection is opened, never on the way of
    /// a request.
    http1_only: RwLock<Vec<Origin>>,
    /// Whether a connection of HTTP/1.1, and one of HTTP/2, was opened.
    spoken: [AtomicBool; 2],
    pub(super) exhaustion: Exhaustion,
}

impl Client {
    /// Reads the system's certificates; does not touch the network.
    pub fn new(settings: ClientSettings) -> Result<Arc<Client>, ClientError> {
        let tls = Tls::new(&settings.tls, settings.http_version)?;
        let (connections, http1_only) = (AtomicUsize::new(0), RwLock::default());
        let (spoken, exhaustion) = Default::default();
        Ok(Arc::new(Client { settings, tls, connections, http1_only, spoken, exhaustion }))
    }

    /// How connections to a host of this name are encrypted, and who is trusted there.
    pub fn tls_config(&self, host: &str) -> Arc<ClientConfig> {
        Arc::clone(self.tls.config(host))
    }

    /// The proxy for a URL; none where it is asked without one.
    ///
    /// # Errors
    /// The environment names none that can be used, or the plan wants to be spoken what it can't pass on.
    pub(super) fn proxy(&self, url: &Url) -> Result<Option<&Proxy>, Failure> {
        match self.settings.proxies.of(url)? {
            Some(proxy) if url.scheme() == "http" && self.settings.http_version == HttpVersion::Two => {
                let message =
                    format!("the proxy {proxy} passes on HTTP/1.1 alone: set target.httpVersion to auto, or NO_PROXY");
                Err(Failure::new(ErrorClass::Connect, message))
            }
            proxy => Ok(proxy),
        }
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

    /// Remembers that a connection was opened by this version. Looks before it writes: workers would fight for the cache line.
    pub(super) fn note_spoken(&self, version: HttpSpoken) {
        let spoken = &self.spoken[version as usize];
        if !spoken.load(Ordering::Relaxed) {
            spoken.store(true, Ordering::Relaxed);
        }
    }

    /// The versions of HTTP that connections were opened by.
    pub fn spoken(&self) -> BTreeSet<HttpSpoken> {
        let versions = [HttpSpoken::One, HttpSpoken::Two].into_iter();
        versions.filter(|version| self.spoken[*version as usize].load(Ordering::Relaxed)).collect()
    }

    /// The connections that this machine refused since this was last asked, without its limits.
    pub fn take_exhausted(&self) -> Exhausted {
        self.exhaustion.take()
    }
}
