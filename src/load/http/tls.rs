//! TLS settings of the load path and of the readiness check.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    SupportedProtocolVersion, version,
};

use crate::plan::hosts::NamePattern;
use crate::plan::pem::Identity;
use crate::plan::target::{HttpVersion, TlsVersion, TlsVersions};

/// What we say we speak (ALPN), the better first.
pub(super) fn protocols(version: HttpVersion) -> Vec<Vec<u8>> {
    let names: &[&[u8]] = match version {
        HttpVersion::Auto => &[b"h2", b"http/1.1"],
        HttpVersion::One => &[b"http/1.1"],
        HttpVersion::Two => &[b"h2"],
    };
    names.iter().map(|name| name.to_vec()).collect()
}

/// How connections are encrypted.
#[derive(Clone, Debug, Default)]
pub struct TlsSettings {
    /// Any certificate will do (`insecureSkipTLSVerify`).
    pub insecure_skip_verify: bool,
    /// Authorities to trust besides the system's.
    pub extra_roots: Vec<CertificateDer<'static>>,
    pub versions: TlsVersions,
    /// Certificates of our own, and the servers that they are for: none for all. The first that fits is used.
    pub identities: Vec<(Vec<NamePattern>, Identity)>,
}

/// The settings, made ready for handshakes.
#[derive(Debug)]
pub(super) struct Tls {
    /// For servers of these names, with a certificate of our own.
    known_to: Vec<(Vec<NamePattern>, Arc<ClientConfig>)>,
    anonymous: Arc<ClientConfig>,
}

impl Tls {
    /// TLS 1.2 and 1.3 by ring. Trusts the system's certificate authorities, else (in a bare container) Mozilla's, and the
    /// extra ones; or everybody.
    pub fn new(settings: &TlsSettings, http: HttpVersion) -> Result<Tls, Error> {
        let provider = Arc::new(ring::default_provider());
        let trusted = if settings.insecure_skip_verify {
            Trusted::Anybody
        } else {
            Trusted::authorities(&settings.extra_roots, &provider)?
        };
        let verifier = Arc::new(Verifier { trusted, provider: provider.clone() });
        let config = |identity: Option<&Identity>| {
            let versions = versions(settings.versions);
            let builder = ClientConfig::builder_with_provider(provider.clone()).with_protocol_versions(&versions)?;
            let builder = builder.dangerous().with_custom_certificate_verifier(verifier.clone());
            let mut config = match identity.cloned() {
                Some(Identity { certificates, key }) => builder.with_client_auth_cert(certificates, key)?,
                None => builder.with_no_client_auth(),
            };
            config.alpn_protocols = protocols(http);
            // As in k6, a new connection is a new visitor's: it pays for the whole handshake. It also keeps workers from
            // sharing a lock.
            config.resumption = Resumption::disabled();
            Ok::<_, Error>(Arc::new(config))
        };
        let known_to = settings.identities.iter().map(|(names, own)| Ok((names.clone(), config(Some(own))?)));
        Ok(Tls { known_to: known_to.collect::<Result<_, Error>>()?, anonymous: config(None)? })
    }

    /// The settings for a server of this name, as URLs have it.
    pub fn config(&self, host: &str) -> &Arc<ClientConfig> {
        let fits = |names: &[NamePattern]| names.is_empty() || names.iter().any(|name| name.matches(host));
        self.known_to.iter().find(|(names, _)| fits(names)).map_or(&self.anonymous, |(_, config)| config)
    }
}

fn versions(allowed: TlsVersions) -> Vec<&'static SupportedProtocolVersion> {
    [(TlsVersion::Tls13, &version::TLS13), (TlsVersion::Tls12, &version::TLS12)]
        .into_iter()
        .filter_map(|(name, version)| allowed.contains(name).then_some(version))
        .collect()
}

/// Looks at servers' certificates. That a server holds its certificate's key is checked whoever is trusted.
#[derive(Debug)]
struct Verifier {
    trusted: Trusted,
    provider: Arc<CryptoProvider>,
}

#[derive(Debug)]
enum Trusted {
    /// Any certificate will do (`insecureSkipTLSVerify`).
    Anybody,
    /// Authorities, and those certificates of servers that are named like one.
    Authorities { authorities: Arc<WebPkiServerVerifier>, named: Vec<CertificateDer<'static>> },
}

impl Trusted {
    /// The system's authorities, else (in a bare container) Mozilla's, and `extra`.
    fn authorities(extra: &[CertificateDer<'static>], provider: &Arc<CryptoProvider>) -> Result<Trusted, Error> {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if store.is_empty() {
            store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        for certificate in extra {
            store.add(certificate.clone())?;
        }
        let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider.clone());
        let authorities = builder.build().map_err(|error| Error::General(error.to_string()))?;
        Ok(Trusted::Authorities { authorities, named: extra.to_vec() })
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Trusted::Authorities { authorities, named } = &self.trusted else {
            return Ok(ServerCertVerified::assertion());
        };
        match authorities.verify_server_cert(certificate, intermediates, name, ocsp_response, now) {
            // `openssl req -x509` makes a certificate that is its own authority, which webpki lets no server show. One that
            // the user names is trusted all the same, as in Go. Its time has been looked at before.
            Err(Error::InvalidCertificate(CertificateError::Other(_))) if named.contains(certificate) => {
                verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// What to do about TLS that failed.
pub(super) fn cure(error: &Error) -> &'static str {
    match error {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "trust its authority (target.tls.ca names a file of it) or set insecureSkipTLSVerify"
        }
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "use the name that the certificate is for",
        Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "renew the certificate"
        }
        // Of these webpki has mainly one: a certificate that is its own authority.
        Error::InvalidCertificate(CertificateError::Other(_)) => {
            "if it is its own authority, name it under target.tls.ca, or set insecureSkipTLSVerify"
        }
        Error::InvalidMessage(_) => "the server does not seem to speak TLS on this port; try http://",
        Error::AlertReceived(AlertDescription::CertificateRequired) => {
            "the server asks for a client certificate: name one under target.tlsAuth, for this name"
        }
        Error::AlertReceived(
            AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateUnknown
            | AlertDescription::DecryptError
            | AlertDescription::AccessDenied,
        ) => "the server does not accept the client certificate: see target.tlsAuth",
        Error::AlertReceived(AlertDescription::ProtocolVersion) | Error::PeerIncompatible(_) => {
            "the server speaks no version of TLS that is allowed here (target.tlsVersion; 1.2 and 1.3 at most)"
        }
        Error::AlertReceived(AlertDescription::UnrecognisedName) => "the server does not know this name",
        Error::AlertReceived(AlertDescription::HandshakeFailure) => {
            "the server accepts no common cipher, or asks for a client certificate (target.tlsAuth)"
        }
        _ => "see the server's TLS settings",
    }
}
