//! Client certificates: a server that asks for one, in both versions of TLS.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::{ServerConfig, WebPkiClientVerifier};
use rustls::{RootCertStore, SupportedProtocolVersion, version};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::load::http::TlsSettings;
use crate::plan::hosts::NamePattern;
use crate::plan::pem::{Identity, identity};
use crate::plan::target::{TlsVersion, TlsVersions};

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Authority {
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Authority(CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap())
    }

    fn issue(&self, name: &str) -> Identity {
        let key = KeyPair::generate().unwrap();
        let cert = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &self.0).unwrap();
        identity(("cert", cert.pem().as_bytes()), ("key", key.serialize_pem().as_bytes())).unwrap()
    }
}

/// An HTTPS server for localhost that speaks one version, to clients of the authority alone.
async fn serve_known(authority: &Authority, version: &'static SupportedProtocolVersion) -> SocketAddr {
    let provider = Arc::new(ring::default_provider());
    let mut clients = RootCertStore::empty();
    clients.add(authority.0.der().clone()).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(clients), provider.clone()).build().unwrap();
    let own = authority.issue("localhost");
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(own.certificates, PrivateKeyDer::clone_key(&own.key))
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    serve(move |socket, _| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut socket) = acceptor.accept(socket).await else { return };
            while read_head(&mut socket).await.is_some() {
                socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nseat").await.unwrap();
                socket.flush().await.unwrap();
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_server_that_asks_for_a_certificate_gets_the_one_for_its_name() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let names = |names: &[&str]| names.iter().map(|name| NamePattern::parse(name).unwrap()).collect::<Vec<_>>();
    for version in [&version::TLS12, &version::TLS13] {
        let address = serve_known(&authority, version).await;
        for (identities, told) in [
            (vec![(vec![], authority.issue("load"))], "200 \"seat\""),
            (
                vec![
                    (names(&["other.example"]), stranger.issue("load")),
                    (names(&["localhost"]), authority.issue("load")),
                ],
                "200 \"seat\"",
            ),
            (vec![(names(&["other.example"]), authority.issue("load"))], "target.tlsAuth"),
            (vec![], "target.tlsAuth"),
            (vec![(vec![], stranger.issue("load"))], "see target.tlsAuth"),
        ] {
            let tls =
                TlsSettings { extra_roots: vec![authority.0.der().clone()], identities, ..TlsSettings::default() };
            let session = session_with(ClientSettings { tls, ..settings() });
            let got = outcome(&send(&session, request("GET", format!("https://localhost:{}/", address.port()))).await);
            let right =
                if told.starts_with("200") { got == told } else { got.starts_with("tls: ") && got.contains(told) };
            assert!(right, "{version:?}: {got}, not {told}");
        }
    }
}

#[tokio::test]
async fn versions_that_do_not_meet_are_told() {
    let authority = Authority::new();
    let only = |version| TlsVersions { min: version, max: version };
    for (speaks, wanted) in [(&version::TLS12, TlsVersion::Tls13), (&version::TLS13, TlsVersion::Tls12)] {
        let address = serve_known(&authority, speaks).await;
        let tls = TlsSettings { versions: only(wanted), insecure_skip_verify: true, ..TlsSettings::default() };
        let session = session_with(ClientSettings { tls, ..settings() });
        let told = outcome(&send(&session, request("GET", format!("https://localhost:{}/", address.port()))).await);
        assert!(told.starts_with("tls: TLS handshake with localhost: "), "{told}");
        assert!(told.ends_with("(target.tlsVersion; 1.2 and 1.3 at most)"), "{told}");
    }
}
