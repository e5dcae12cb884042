//! A new connection: resolve, connect, encrypt, each timed.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use http::{HeaderValue, StatusCode};
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use crate::measurement::contract::HttpSpoken;
use crate::measurement::{ErrorClass, Phases};
use crate::plan::target::HttpVersion;

use super::h1::Connection;
use super::h2::{Clock, H2};
use super::meter::Meter;
use super::peer::PeerInfo;
use super::proxy::tunnel;
use super::stream::{Stream, Wire};
use super::{Client, Failure, failure, shown};

/// An address gets at least this long to answer where there are others to try (Go's limit).
const SHORTEST_TRY: Duration = Duration::from_secs(2);

/// How far one exchange has come. It outlives the exchange's future, so that a time-out can tell what it interrupted.
#[derive(Debug)]
pub(super) struct Trace {
    started: Instant,
    stage: Cell<Stage>,
    phases: Cell<Phases>,
    meter: RefCell<Option<Rc<Meter>>>,
    /// Of the HTTP/2 stream that carries the exchange.
    clock: RefCell<Option<Rc<Clock>>>,
    /// Bytes of a connection that turned out closed before the exchange moved to a fresh one.
    earlier: Cell<(u64, u64)>,
    status: Cell<Option<StatusCode>>,
    body: Cell<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Resolving,
    Connecting,
    Tunnelling,
    Handshaking,
    /// Another request of the same virtual user opens the connection that this one will share.
    Sharing,
    /// The server allows no more streams at once.
    Queued,
    Exchanging,
}

impl Trace {
    pub fn new(started: Instant) -> Trace {
        Trace {
            started,
            stage: Cell::new(Stage::Resolving),
            phases: Cell::default(),
            meter: RefCell::default(),
            clock: RefCell::default(),
            earlier: Cell::default(),
            status: Cell::default(),
            body: Cell::default(),
        }
    }

    /// The exchange goes on over this connection.
    pub fn over(&self, meter: &Rc<Meter>) {
        self.stage.set(Stage::Exchanging);
        self.meter(meter);
    }

    /// A connection that another request is opening is waited for.
    pub fn sharing(&self) {
        self.stage.set(Stage::Sharing);
    }

    /// A free stream of the connection is waited for.
    pub fn queued(&self) {
        self.stage.set(Stage::Queued);
    }

    /// The exchange goes on over a stream of its own. `waited`: it had to wait for the connection or for the stream.
    pub fn streaming(&self, clock: Rc<Clock>, waited: bool) {
        self.stage.set(Stage::Exchanging);
        if self.clock.replace(Some(clock)).is_some() || waited {
            self.unblocked();
        }
    }

    /// What the exchange had to wait for is there.
    pub fn unblocked(&self) {
        self.note(|phases| phases.blocked = self.started.elapsed());
    }

    fn meter(&self, meter: &Rc<Meter>) {
        if let Some(abandoned) = self.meter.replace(Some(meter.clone())) {
            let (sent, received) = abandoned.take_bytes();
            let (earlier_sent, earlier_received) = self.earlier.get();
            self.earlier.set((earlier_sent + sent, earlier_received + received));
        }
    }

    pub fn head(&self, status: StatusCode) {
        self.status.set(Some(status));
    }

    pub fn body(&self, received: u64) {
        self.body.set(received);
    }

    fn note(&self, change: impl FnOnce(&mut Phases)) {
        let mut phases = self.phases.get();
        change(&mut phases);
        self.phases.set(phases);
    }

    /// The phases, and the bytes sent and received. The end of a complete answer is its last byte, of a failure now.
    pub fn finish(&self, complete: bool) -> (Phases, u64, u64) {
        let mut phases = self.phases.get();
        let (mut sent, mut received) = self.earlier.get();
        if self.stage.get() != Stage::Exchanging {
            phases.blocked = self.started.elapsed();
        }
        if let Some(meter) = &*self.meter.borrow() {
            let last_read = meter.last_read().filter(|_| complete);
            match &*self.clock.borrow() {
                _ if self.stage.get() != Stage::Exchanging => {}
                Some(clock) => clock.fill(&mut phases, complete, Instant::now()),
                None => meter.fill(&mut phases, last_read.unwrap_or_else(Instant::now)),
            }
            let bytes = meter.take_bytes();
            sent += bytes.0;
            received += bytes.1;
        }
        (phases, sent, received)
    }

    /// Whom the exchange was with, or would have been.
    pub fn peer(&self) -> Option<Arc<PeerInfo>> {
        self.meter.borrow().as_ref().and_then(|meter| meter.peer.get().cloned())
    }

    /// What a time limit interrupted.
    pub fn timed_out(&self, limit: Duration) -> Failure {
        let (meter, clock) = (self.meter.borrow(), self.clock.borrow());
        let what = match (self.stage.get(), &*meter) {
            (Stage::Resolving, _) => "the host name was not resolved".to_owned(),
            (Stage::Connecting, _) => "no connection".to_owned(),
            (Stage::Tunnelling, _) => "the proxy made no tunnel".to_owned(),
            (Stage::Handshaking, _) => "the TLS handshake was not complete".to_owned(),
            (Stage::Sharing, _) => "the connection to share with other requests was not open".to_owned(),
            (Stage::Queued, _) => "the server allows no more streams at once and none became free".to_owned(),
            (Stage::Exchanging, _) if clock.as_ref().is_some_and(|clock| clock.is_sending()) => {
                "the request was not sent".to_owned()
            }
            (Stage::Exchanging, Some(meter)) if clock.is_none() && meter.is_sending() => {
                "the request was not sent".to_owned()
            }
            (Stage::Exchanging, _) if self.status.get().is_some() => {
                format!("the body was not complete, {} bytes had come,", self.body.get())
            }
            (Stage::Exchanging, Some(meter)) if clock.is_none() && meter.answer_began() => {
                "the head of the answer was not complete".to_owned()
            }
            (Stage::Exchanging, _) => "no answer".to_owned(),
        };
        Failure {
            status: self.status.get(),
            ..Failure::new(ErrorClass::Timeout, format!("{what} within {} s", limit.as_secs_f64()))
        }
    }
}

/// An open connection, by what both sides speak on it.
pub(super) enum Line {
    Http1(Connection),
    Http2(H2),
}

/// What a proxy needs that passes requests on: they name their whole URL (absolute-form), and bring its credentials. A proxy
/// that has made a tunnel needs nothing.
#[derive(Clone)]
pub(super) struct Forwarding {
    /// The `Proxy-Authorization` header of each request.
    pub authorization: Option<HeaderValue>,
}

/// Opens a connection to the URL's origin, through its proxy if it has one.
///
/// A tunnel through a proxy is part of `blocked` alone, as in k6: `connecting` is the time of TCP, to the proxy.
pub(super) async fn connect(client: &Client, url: &Url, deadline: Instant, trace: &Trace) -> Result<Line, Failure> {
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return Err(Failure::new(ErrorClass::Dns, format!("`{}` has no host", shown(url))));
    };
    let proxy = client.proxy(url)?;
    let socket = match proxy {
        None => open(client, host, port, deadline, trace).await?,
        Some(proxy) => open(client, &proxy.host, proxy.port, deadline, trace)
            .await
            .map_err(|failure| Failure { message: format!("the proxy {proxy}: {}", failure.message), ..failure })?,
    };
    let address = socket.peer_addr();
    let meter = Rc::new(Meter::default());
    trace.meter(&meter);
    let mut wire = Wire::new(socket, meter.clone());
    let version = client.settings.http_version;
    let (stream, http2, tls) = if url.scheme() == "https" {
        if let Some(proxy) = proxy {
            trace.stage.set(Stage::Tunnelling);
            tunnel(&mut wire, proxy, url).await?;
        }
        trace.stage.set(Stage::Handshaking);
        let started = Instant::now();
        let connector = TlsConnector::from(client.tls.config(host).clone());
        let tls = connector.connect(server_name(url, host)?, wire).await;
        trace.note(|phases| phases.tls_handshaking = started.elapsed());
        let tls = tls.map_err(|error| failure::handshaking(&error, host))?;
        let session = tls.get_ref().1;
        let http2 = negotiated(version, session.alpn_protocol(), host)?;
        let spoken = session.protocol_version().zip(session.negotiated_cipher_suite().map(|suite| suite.suite()));
        (Stream::Tls(Box::new(tls)), http2, spoken)
    } else {
        (Stream::Plain(wire), version == HttpVersion::Two, None)
    };
    // One whose other end is gone already will fail.
    if let Ok(address) = address {
        let _ = meter.peer.set(Arc::new(PeerInfo { address, http2, tls }));
    }
    let forwarding =
        proxy.filter(|_| url.scheme() == "http").map(|proxy| Forwarding { authorization: proxy.authorization.clone() });
    let line = match http2 {
        true => Line::Http2(H2::open(stream, meter, url).await?),
        false => Line::Http1(Connection::new(stream, meter, url, forwarding)?),
    };
    client.note_spoken(if http2 { HttpSpoken::Two } else { HttpSpoken::One });
    trace.unblocked();
    Ok(line)
}

/// Resolves a name, unless the plan says where it is, and connects to it.
async fn open(client: &Client, host: &str, port: u16, deadline: Instant, trace: &Trace) -> Result<TcpStream, Failure> {
    trace.stage.set(Stage::Resolving);
    let (addresses, port) = match client.settings.hosts.find(host, port) {
        Some(place) => (vec![place.ip()], place.port()),
        None => {
            let mut addresses = client.settings.resolver.lookup(host).await?;
            spread(&mut addresses, client.connections.fetch_add(1, Ordering::Relaxed));
            (addresses, port)
        }
    };
    trace.stage.set(Stage::Connecting);
    let started = Instant::now();
    let socket = dial(&addresses, port, deadline).await.inspect_err(|failure| {
        if let Some(missing) = failure.missing {
            client.exhaustion.count(missing);
        }
    })?;
    trace.note(|phases| phases.connecting = started.elapsed());
    Ok(socket)
}

/// Whether both sides agreed on HTTP/2 in the TLS handshake. A plan that insists on it takes nothing else.
fn negotiated(version: HttpVersion, protocol: Option<&[u8]>, host: &str) -> Result<bool, Failure> {
    match (protocol, version) {
        (Some(b"h2"), _) => Ok(true),
        (_, HttpVersion::Two) => Err(failure::no_http2(host)),
        _ => Ok(false),
    }
}

/// Connections take turns on the addresses of each family; the families stay in order.
fn spread(addresses: &mut [IpAddr], turn: usize) {
    let first_v6 = addresses.iter().position(IpAddr::is_ipv6).unwrap_or(addresses.len());
    let (v4, v6) = addresses.split_at_mut(first_v6);
    for family in [v4, v6] {
        if !family.is_empty() {
            family.rotate_left(turn % family.len());
        }
    }
}

/// Tries the addresses one after another; each gets its share of the time that is left, like in Go.
async fn dial(addresses: &[IpAddr], port: u16, deadline: Instant) -> Result<TcpStream, Failure> {
    let mut last = None;
    for (index, address) in addresses.iter().enumerate() {
        let address = SocketAddr::new(*address, port);
        let others = (addresses.len() - index - 1) as u32;
        let attempt = TcpStream::connect(address);
        let result = if others == 0 {
            attempt.await
        } else {
            let left = deadline.saturating_duration_since(Instant::now());
            let share = (left / (others + 1)).max(SHORTEST_TRY);
            tokio::time::timeout(share, attempt).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        };
        match result.and_then(|socket| socket.set_nodelay(true).map(|()| socket)) {
            Ok(socket) => return Ok(socket),
            // The first address's failure tells most: the others are often a family that the machine doesn't have.
            Err(error) => last = last.or_else(|| Some(failure::connecting(&error, address))),
        }
    }
    Err(last.unwrap_or_else(|| Failure::new(ErrorClass::Dns, "the name has no address")))
}

fn server_name(url: &Url, host: &str) -> Result<ServerName<'static>, Failure> {
    match url.host() {
        Some(Host::Ipv4(address)) => Ok(ServerName::from(IpAddr::V4(address))),
        Some(Host::Ipv6(address)) => Ok(ServerName::from(IpAddr::V6(address))),
        _ => ServerName::try_from(host.to_owned())
            .map_err(|error| Failure::new(ErrorClass::Tls, format!("`{host}` can't be in a certificate: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_take_turns_within_a_family() {
        let addresses: Vec<IpAddr> = ["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "2001:db8::3"]
            .map(|text| text.parse().unwrap())
            .into();
        let firsts: Vec<String> = (0..4)
            .map(|turn| {
                let mut addresses = addresses.clone();
                spread(&mut addresses, turn);
                format!("{} {}", addresses[0], addresses[2])
            })
            .collect();
        assert_eq!(
            firsts,
            ["192.0.2.1 2001:db8::1", "192.0.2.2 2001:db8::2", "192.0.2.1 2001:db8::3", "192.0.2.2 2001:db8::1"]
        );
    }

    #[tokio::test]
    async fn the_next_address_is_tried_and_the_first_failure_told() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let deadline = Instant::now() + Duration::from_secs(5);
        let addresses = ["127.0.0.2", "127.0.0.1"].map(|text| text.parse().unwrap());
        assert!(dial(&addresses, port, deadline).await.is_ok());
        let failure = dial(&addresses[..1], port, deadline).await.unwrap_err();
        assert_eq!(failure.class, ErrorClass::Connect);
        assert_eq!(failure.message, format!("127.0.0.2:{port} refused the connection: nothing listens there"));
    }
}
