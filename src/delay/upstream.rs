//! Connections to the deployment.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tower::Service;
use url::Url;

use crate::dns::Resolver;

/// A connection that takes longer counts as refused.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// The deployment that the proxy stands before.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// Scheme, host and port; its path is not used.
    pub origin: Url,
    pub resolver: Resolver,
    /// Where connections go in place of what the resolver says.
    pub place: Option<SocketAddr>,
    /// Whom to trust and who we are, for an origin of https. Its protocols (ALPN) are not used.
    pub tls: Arc<ClientConfig>,
}

/// Keeps connections to the deployment and opens new ones as they are needed.
pub type Pool = Client<HttpsConnector<Connect>, Body>;

impl Upstream {
    /// The pool of one proxy, on the runtime that it is called on.
    pub fn pool(&self) -> Pool {
        let mut tls = (*self.tls).clone();
        // The connector announces HTTP/1.1 itself, and takes no other announcement.
        tls.alpn_protocols.clear();
        let connect = Connect { upstream: Arc::new(self.clone()) };
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1();
        Client::builder(TokioExecutor::new()).build(connector.wrap_connector(connect))
    }

    async fn connect(&self) -> io::Result<TcpStream> {
        let mut last = io::Error::other("it has no address");
        for address in self.addresses().await? {
            match tokio::time::timeout(CONNECT_LIMIT, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    // Without it, a request in two writes waits for the delayed acknowledgement of the first: 40 ms.
                    stream.set_nodelay(true)?;
                    return Ok(stream);
                }
                Ok(Err(error)) => last = error,
                Err(_) => last = io::ErrorKind::TimedOut.into(),
            }
        }
        Err(last)
    }

    async fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        if let Some(place) = self.place {
            return Ok(vec![place]);
        }
        let host = self.origin.host_str().unwrap_or_default();
        let port = self.origin.port_or_known_default().unwrap_or_default();
        let found = self.resolver.lookup(host).await.map_err(io::Error::other)?;
        Ok(found.into_iter().map(|address| SocketAddr::new(address, port)).collect())
    }
}

/// Opens connections to one deployment, whatever is asked for.
#[derive(Clone, Debug)]
pub struct Connect {
    upstream: Arc<Upstream>,
}

impl Service<Uri> for Connect {
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<TokioIo<TcpStream>>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let upstream = Arc::clone(&self.upstream);
        Box::pin(async move { upstream.connect().await.map(TokioIo::new) })
    }
}
