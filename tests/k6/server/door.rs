//! How connections come in: plain or encrypted, and each with a switch by which an answer can cut it.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

const OPEN: u8 = 0;
const CLOSED: u8 = 1;
const RESET: u8 = 2;

/// The switch of one connection, and its peer.
#[derive(Clone, Debug)]
pub struct Cut {
    pub peer: SocketAddr,
    state: Arc<AtomicU8>,
}

impl Cut {
    /// The next write closes the connection instead.
    pub fn close(&self) {
        self.state.store(CLOSED, Ordering::SeqCst);
    }

    /// The next write resets the connection instead.
    pub fn reset(&self) {
        self.state.store(RESET, Ordering::SeqCst);
    }
}

/// A connection that can be cut.
pub struct Connection {
    stream: TcpStream,
    cut: Cut,
}

impl Connection {
    fn new(stream: TcpStream, peer: SocketAddr) -> Connection {
        // Best effort: a late packet changes no outcome.
        let _ = stream.set_nodelay(true);
        Connection { stream, cut: Cut { peer, state: Arc::new(AtomicU8::new(OPEN)) } }
    }

    fn check(&self) -> io::Result<()> {
        match self.cut.state.load(Ordering::SeqCst) {
            OPEN => return Ok(()),
            RESET => socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO))?,
            _ => {}
        }
        Err(io::ErrorKind::BrokenPipe.into())
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Accepts plain connections.
pub struct Plain(TcpListener);

impl Plain {
    pub fn new(listener: std::net::TcpListener) -> Plain {
        Plain(TcpListener::from_std(listener).expect("a socket"))
    }
}

impl Listener for Plain {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, peer) = Listener::accept(&mut self.0).await;
        (Connection::new(stream, peer), peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Plain>> for Cut {
    fn connect_info(stream: IncomingStream<'_, Plain>) -> Cut {
        stream.io().cut.clone()
    }
}

/// Accepts encrypted connections, with a certificate that nobody trusts.
pub struct Encrypted {
    accepted: mpsc::Receiver<(tokio_rustls::server::TlsStream<Connection>, SocketAddr)>,
    address: SocketAddr,
}

impl Encrypted {
    pub fn new(listener: std::net::TcpListener) -> Encrypted {
        let address = listener.local_addr().expect("a bound address");
        let mut listener = Plain::new(listener);
        let acceptor = acceptor();
        let (sender, accepted) = mpsc::channel(16);
        tokio::spawn(async move {
            loop {
                let (stream, peer) = listener.accept().await;
                let (acceptor, sender) = (acceptor.clone(), sender.clone());
                tokio::spawn(async move {
                    // A client that doesn't trust the certificate goes away.
                    if let Ok(stream) = acceptor.accept(stream).await {
                        let _ = sender.send((stream, peer)).await;
                    }
                });
            }
        });
        Encrypted { accepted, address }
    }
}

impl Listener for Encrypted {
    type Io = tokio_rustls::server::TlsStream<Connection>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        self.accepted.recv().await.expect("the accepting task has no end")
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl Connected<IncomingStream<'_, Encrypted>> for Cut {
    fn connect_info(stream: IncomingStream<'_, Encrypted>) -> Cut {
        stream.io().get_ref().0.cut.clone()
    }
}

fn acceptor() -> TlsAcceptor {
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let signed = rcgen::generate_simple_self_signed(names).expect("a certificate");
    let key = PrivateKeyDer::try_from(signed.signing_key.serialize_der()).expect("a private key");
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.expect("the provider's versions").with_no_client_auth();
    let mut config = config.with_single_cert(vec![signed.cert.der().clone()], key).expect("a usable certificate");
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}
