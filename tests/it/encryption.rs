//! HTTPS targets whose certificate nobody vouches for.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::gate::Folder;
use crate::servers::LATENCY;

const PLAN: &str = "\
version: 1
name: encrypted
target: {}
scenarios:
  load: { executor: constant-vus, vus: 4, duration: 300ms, steps: [{ get: /thing }] }
thresholds: { http_req_failed: [\"rate<0.01\"] }
";

#[test]
fn a_self_signed_certificate_is_refused_unless_the_plan_trusts_it() {
    let target = self_signed();
    let strict = Folder::with_plan(PLAN);
    let refused = strict.run(&["run", "--target", &target, "--comment", "never"]);
    refused.expect(4, &["GET /thing: no answer (tls)", "TLS handshake with 127.0.0.1", "insecureSkipTLSVerify"]);
    let trusting = Folder::with_plan(&PLAN.replace("target: {}", "target: { insecureSkipTLSVerify: true }"));
    trusting.measure(&target, &[]).expect(0, &["pass: ", "http_req_tls_handshaking"]);
}

/// An HTTPS server on loopback that answers every request.
fn self_signed() -> String {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a key");
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).expect("a private key");
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("TLS versions")
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .expect("a certificate");
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("a bound address");
    thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            let config = config.clone();
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
