//! TLS: who is trusted, and what is told where nobody is.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::ServerConfig;
use tokio_rustls::TlsAcceptor;

use super::*;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nseat";

/// An HTTPS server with a certificate for these names by an authority of its own. It keeps the requests, each after
/// the server name (SNI) and the protocol (ALPN) that the client asked for; `/slow` takes 80 ms.
pub(super) async fn serve_https(names: &[&str]) -> (SocketAddr, CertificateDer<'static>, Requests) {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().map(|name| name.to_string()).collect();
    let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let requests = Requests::default();
    let seen = requests.clone();
    let address = serve(move |socket, number| {
        let (acceptor, seen) = (acceptor.clone(), seen.clone());
        async move {
            let Ok(mut socket) = acceptor.accept(socket).await else { return };
            let tls = socket.get_ref().1;
            let name = tls.server_name().unwrap_or("-").to_owned();
            let protocol = String::from_utf8_lossy(tls.alpn_protocol().unwrap_or(b"-")).into_owned();
            while let Some(head) = read_head(&mut socket).await {
                if head.starts_with("GET /slow ") {
                    tokio::time::sleep(Duration::from_millis(80)).await;
                }
                seen.push(number, format!("{name} {protocol} {head}"));
                socket.write_all(OK.as_bytes()).await.unwrap();
                socket.flush().await.unwrap();
            }
        }
    })
    .await;
    (address, authority.der().clone(), requests)
}

fn https(address: SocketAddr) -> Outgoing {
    request("GET", format!("https://localhost:{}/", address.port()))
}

pub(super) fn trusting(authority: CertificateDer<'static>) -> ClientSettings {
    ClientSettings { extra_roots: vec![authority], ..settings() }
}

#[tokio::test]
async fn a_trusted_server_is_asked_by_name_and_kept() {
    let (address, authority, requests) = serve_https(&["localhost"]).await;
    let session = session_with(trusting(authority));
    let first = send(&session, https(address)).await;
    assert_eq!(outcome(&first), "200 \"seat\"");
    assert!(first.phases.tls_handshaking > Duration::ZERO);
    assert!(first.phases.blocked >= first.phases.connecting + first.phases.tls_handshaking, "{:?}", first.phases);
    assert!(first.received > 500, "the handshake's bytes are counted: {}", first.received);
    let second = send(&session, https(address)).await;
    assert_eq!(outcome(&second), "200 \"seat\"");
    assert_eq!(second.phases.blocked, Duration::ZERO);
    assert!(second.received > OK.len() as u64 && second.received < 500, "{}", second.received);
    assert_eq!(requests.connections(), [0, 0]);
    let head = requests.head(0);
    let expected = format!("localhost http/1.1 GET / HTTP/1.1\r\nhost: localhost:{}\r\n", address.port());
    assert!(head.starts_with(&expected), "{head}");
}

#[tokio::test]
async fn tickets_of_the_handshake_are_no_answer() {
    let (address, authority, _) = serve_https(&["localhost"]).await;
    let outgoing = request("GET", format!("https://localhost:{}/slow", address.port()));
    let exchange = send(&session_with(trusting(authority)), outgoing).await;
    assert_eq!(outcome(&exchange), "200 \"seat\"");
    assert!(exchange.phases.waiting > Duration::from_millis(75), "{:?}", exchange.phases);
    assert!(exchange.phases.receiving < exchange.phases.waiting, "{:?}", exchange.phases);
}

#[tokio::test]
async fn an_untrusted_server_is_refused_unless_told_otherwise() {
    let (address, _, _) = serve_https(&["localhost"]).await;
    let exchange = send(&session(), https(address)).await;
    assert_eq!(
        outcome(&exchange),
        "tls: TLS handshake with localhost: invalid peer certificate: UnknownIssuer; trust its authority (SSL_CERT_FILE \
         names a file of them) or set insecureSkipTLSVerify"
    );
    assert!(exchange.phases.tls_handshaking > Duration::ZERO && exchange.sent > 0);
    let session = session_with(ClientSettings { insecure_skip_tls_verify: true, ..settings() });
    assert_eq!(outcome(&send(&session, https(address)).await), "200 \"seat\"");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let (address, authority, _) = serve_https(&["shop.example"]).await;
    let session = session_with(trusting(authority));
    for host in ["localhost", "127.0.0.1"] {
        let outgoing = request("GET", format!("https://{host}:{}/", address.port()));
        let told = outcome(&send(&session, outgoing).await);
        assert!(told.starts_with(&format!("tls: TLS handshake with {host}: invalid peer certificate")), "{told}");
        assert!(told.ends_with("; use the name that the certificate is for"), "{told}");
    }
    let (address, authority, requests) = serve_https(&["127.0.0.1"]).await;
    let session = session_with(trusting(authority));
    assert_eq!(outcome(&send(&session, request("GET", format!("https://{address}/"))).await), "200 \"seat\"");
    assert!(requests.head(0).starts_with("- http/1.1 "), "an address is no server name");
}

#[tokio::test]
async fn a_port_without_tls_is_told() {
    let address = serve(|mut socket, _| async move {
        let mut hello = [0; 100];
        socket.read_exact(&mut hello).await.unwrap();
        socket.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await.unwrap();
        let _ = socket.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let told = outcome(&send(&session(), https(address)).await);
    assert!(told.starts_with("tls: TLS handshake with localhost: received corrupt message"), "{told}");
    assert!(told.ends_with("; the server does not seem to speak TLS on this port; try http://"), "{told}");
}

#[tokio::test]
async fn a_handshake_that_breaks_or_hangs_is_told() {
    let address = serve(|mut socket, _| async move {
        let mut hello = [0; 100];
        socket.read_exact(&mut hello).await.unwrap();
        socket.shutdown().await.unwrap();
        let _ = socket.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let told = outcome(&send(&session(), https(address)).await);
    assert_eq!(told, "tls: TLS handshake with localhost: the server closed the connection");

    let address = serve(|socket, _| async move {
        std::future::pending::<()>().await;
        drop(socket);
    })
    .await;
    let mut outgoing = https(address);
    outgoing.timeout = Duration::from_millis(200);
    let exchange = send(&session(), outgoing).await;
    assert_eq!(outcome(&exchange), "timeout: the TLS handshake was not complete within 0.2 s");
    assert!(exchange.phases.blocked > Duration::from_millis(80), "{:?}", exchange.phases);
}
