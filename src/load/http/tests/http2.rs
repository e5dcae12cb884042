//! HTTP/2: against a server of the h2 crate, and against one that writes its frames by hand.

mod ending;
mod frames;
mod sharing;
mod streams;
mod versions;

use std::future::poll_fn;
use std::rc::Rc;

use ::h2::server::{Builder, SendResponse};
use ::h2::{Reason, RecvStream};
use http::{Request, Response};
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::ServerConfig;
use tokio::io::AsyncWrite;
use tokio::task::LocalSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::measurement::ErrorClass;
use crate::plan::target::HttpVersion;

use super::*;

/// What a server has seen: each request with its connection, connections closed, streams reset by the client, and the most
/// streams that were open at once.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Log>>);

#[derive(Default)]
struct Log {
    requests: Vec<(usize, String)>,
    closed: usize,
    resets: Vec<Reason>,
    open: usize,
    most_open: usize,
}

impl Seen {
    fn read<T>(&self, read: impl FnOnce(&Log) -> T) -> T {
        read(&self.0.lock().unwrap())
    }

    fn change(&self, change: impl FnOnce(&mut Log)) {
        change(&mut self.0.lock().unwrap());
    }

    fn connections(&self) -> Vec<usize> {
        self.read(|log| log.requests.iter().map(|(connection, _)| *connection).collect())
    }

    fn request(&self, index: usize) -> String {
        self.read(|log| log.requests[index].1.clone())
    }

    /// Waits until the log is as told; fails after 5 s.
    async fn until(&self, what: &str, holds: impl Fn(&Log) -> bool) {
        let reached = timeout(Duration::from_secs(5), async {
            while !self.read(&holds) {
                sleep(Duration::from_millis(1)).await;
            }
        });
        reached.await.unwrap_or_else(|_| panic!("not within 5 s: {what}"));
    }
}

/// Serves one HTTP/2 connection. `/slow` takes 60 ms, `/never` and `/stall` for ever (that one reads no body either), `/big`
/// has 8 MB, `/redirect?to` leads there, `/hints` is preceded by early hints; all others answer `seat`.
async fn speak(socket: impl AsyncRead + AsyncWrite + Unpin, number: usize, settings: Builder, seen: Seen) {
    let Ok(mut connection) = settings.handshake::<_, Bytes>(socket).await else { return };
    while let Some(Ok((request, respond))) = connection.accept().await {
        tokio::spawn(answer(request, respond, number, seen.clone()));
    }
    seen.change(|log| log.closed += 1);
}

async fn answer(request: Request<RecvStream>, mut respond: SendResponse<Bytes>, number: usize, seen: Seen) {
    let (head, mut body) = request.into_parts();
    seen.change(|log| {
        let mut headers: Vec<String> =
            head.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        headers.sort();
        log.requests.push((number, format!("{:?} {} {} {}", head.version, head.method, head.uri, headers.join(", "))));
        log.open += 1;
        log.most_open = log.most_open.max(log.open);
    });
    let path = head.uri.path().to_owned();
    let mut uploaded = 0;
    while path != "/stall"
        && let Some(Ok(chunk)) = body.data().await
    {
        uploaded += chunk.len();
        let _ = body.flow_control().release_capacity(chunk.len());
    }
    match &*path {
        "/slow" => sleep(Duration::from_millis(60)).await,
        "/never" | "/stall" => {
            let reason = poll_fn(|cx| respond.poll_reset(cx)).await.unwrap();
            seen.change(|log| {
                log.resets.push(reason);
                log.open -= 1;
            });
            return;
        }
        _ => {}
    }
    let response = Response::builder().header("set-cookie", "queue=7").header("x-uploaded", uploaded);
    let response = match head.uri.query() {
        Some(to) if path == "/redirect" => response.status(302).header("location", to),
        _ => response,
    };
    if path == "/hints" {
        let hints = Response::builder().status(103).header("link", "</a.css>; rel=preload").body(()).unwrap();
        respond.send_informational(hints).unwrap();
    }
    seen.change(|log| log.open -= 1);
    let Ok(mut stream) = respond.send_response(response.body(()).unwrap(), false) else { return };
    let mut left = if path == "/big" { BIG } else { 0 };
    while left > 0 {
        stream.reserve_capacity(left.min(100_000));
        let Some(Ok(capacity)) = poll_fn(|cx| stream.poll_capacity(cx)).await else { return };
        let _ = stream.send_data(vec![b'x'; capacity].into(), left == capacity);
        left -= capacity;
    }
    if path != "/big" {
        let _ = stream.send_data(Bytes::from_static(b"seat"), true);
    }
}

const BIG: usize = 8 << 20;

fn streams(limit: u32) -> Builder {
    let mut settings = Builder::new();
    settings.max_concurrent_streams(limit);
    settings
}

/// A server that expects HTTP/2 at once, without TLS.
async fn serve_h2c(settings: Builder) -> (SocketAddr, Seen) {
    let seen = Seen::default();
    let log = seen.clone();
    let address = serve(move |socket, number| speak(socket, number, settings.clone(), log.clone())).await;
    (address, seen)
}

/// A server with TLS that offers these protocols. It answers by HTTP/1.1 unless HTTP/2 is agreed on.
async fn serve_tls(protocols: &[&str]) -> (SocketAddr, Seen) {
    let acceptor = acceptor(protocols);
    let seen = Seen::default();
    let log = seen.clone();
    let address = serve(move |socket, number| {
        let (acceptor, log) = (acceptor.clone(), log.clone());
        async move {
            let Ok(mut socket) = acceptor.accept(socket).await else { return };
            if socket.get_ref().1.alpn_protocol() == Some(b"h2") {
                return speak(socket, number, streams(100), log).await;
            }
            while let Some(head) = read_head(&mut socket).await {
                log.change(|log| log.requests.push((number, head.lines().next().unwrap().to_owned())));
                socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nseat").await.unwrap();
                socket.flush().await.unwrap();
            }
        }
    })
    .await;
    (address, seen)
}

fn acceptor(protocols: &[&str]) -> TlsAcceptor {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

fn speaking(http_version: HttpVersion) -> ClientSettings {
    ClientSettings { http_version, insecure_skip_tls_verify: true, ..settings() }
}

fn http2() -> Session {
    session_with(speaking(HttpVersion::Two))
}

fn plain(address: SocketAddr, path: &str) -> Outgoing {
    request("GET", format!("http://{address}{path}"))
}

fn secure(address: SocketAddr, path: &str) -> Outgoing {
    request("GET", format!("https://localhost:{}{path}", address.port()))
}

fn within(milliseconds: u64, outgoing: Outgoing) -> Outgoing {
    Outgoing { timeout: Duration::from_millis(milliseconds), ..outgoing }
}

/// Runs a test where a worker's tasks run, and fails if one of them is left when all sessions are gone.
async fn on_worker(test: impl Future<Output = ()>) {
    let tasks = LocalSet::new();
    tasks.run_until(test).await;
    timeout(Duration::from_secs(5), tasks).await.expect("every connection's task ends with its session");
}

/// All requests at once.
async fn at_once(session: &Session, requests: impl IntoIterator<Item = Outgoing>) -> Vec<Exchange> {
    futures_util::future::join_all(requests.into_iter().map(|outgoing| send(session, outgoing))).await
}

/// Drops a request when the server has seen it.
async fn cut_off(session: &Session, outgoing: Outgoing, seen: &Seen) {
    tokio::select! {
        exchange = send(session, outgoing) => panic!("{}", outcome(&exchange)),
        () = seen.until("the request is there", |log| !log.requests.is_empty()) => {}
    }
}
