//! HTTPS targets whose certificate nobody vouches for.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::gate::{Ended, Folder};
use crate::servers::LATENCY;

const PLAN: &str = "\
version: 1
name: encrypted
target: {}
scenarios:
  load: { executor: constant-vus, vus: 4, duration: 300ms, steps: [{ get: /thing }] }
thresholds: { http_req_failed: [\"rate<0.01\"] }
";

/// A certificate is looked at on every connection: one that changes for the worse while the load runs is counted, and does
/// not end it.
#[test]
fn a_certificate_that_changes_is_noticed() {
    let (trusted, other) = (certificate(), certificate());
    let folder = Folder::with_plan(&PLAN.replace("target: {}", "target: { noConnectionReuse: true }"));
    folder.write("trusted.pem", &trusted.cert.pem());
    let configs = [config(&trusted), config(&other)];
    let target = serve(move |number| configs[usize::from(number >= 8)].clone());
    let mut command = folder.command(&["run", "--target", &target, "--comment", "never"]);
    command.env("SSL_CERT_FILE", folder.path("trusted.pem"));
    // Without any answer it would say so first.
    let texts = ["fail: http_req_failed", "tls error", "TLS handshake with 127.0.0.1: invalid peer certificate"];
    Ended::of(command).expect(1, &texts);
}

#[test]
fn a_self_signed_certificate_is_refused_unless_the_plan_trusts_it() {
    let target = self_signed();
    let strict = Folder::with_plan(PLAN);
    let refused = strict.run(&["run", "--target", &target, "--comment", "never"]);
    refused.expect(4, &["GET /thing: no answer (tls)", "TLS handshake with 127.0.0.1", "insecureSkipTLSVerify"]);
    let trusting = Folder::with_plan(&PLAN.replace("target: {}", "target: { insecureSkipTLSVerify: true }"));
    trusting.measure(&target, &[]).expect(0, &["pass: ", "http_req_tls_handshaking"]);
}

type Certificate = CertifiedKey<KeyPair>;

fn certificate() -> Certificate {
    generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a key")
}

fn config(CertifiedKey { cert, signing_key }: &Certificate) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).expect("a private key");
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("TLS versions")
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .expect("a certificate");
    Arc::new(config)
}

/// An HTTPS server on loopback that answers every request.
fn self_signed() -> String {
    let config = config(&certificate());
    serve(move |_| config.clone())
}

/// The same; `config` is told the number of the connection, from 0.
fn serve(config: impl Fn(u64) -> Arc<ServerConfig> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("a bound address");
    thread::spawn(move || {
        for (number, socket) in (0..).zip(listener.incoming().flatten()) {
            let config = config(number);
            thread::spawn(move || {
                let session = ServerConnection::new(config).expect("a session");
                let mut stream = StreamOwned::new(session, socket);
                let mut buffer = [0; 4096];
                // A request of these tests fits into one record.
                while stream.read(&mut buffer).is_ok_and(|read| read > 0) {
                    thread::sleep(LATENCY);
                    if stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").is_err() {
                        return;
                    }
                }
            });
        }
    });
    format!("https://{address}")
}
