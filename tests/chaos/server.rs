//! The chaos server: answers well until the load begins, then as its seed says.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

use crate::answers::{self, broken, chunked, head, whole};
use crate::books::{Books, Sighting};
use crate::connection::{Connection, Head, Stream, reset};
use crate::deeds::{Asked, Deed, GIGABYTE_STATUS, Greeting};

/// Of the connections, how many are refused: one of so many.
const REFUSED: u64 = 12;

/// The client's limit; what must time out takes longer.
pub const TIME_LIMIT: Duration = Duration::from_millis(800);

/// What is far too large: as long as the client reads, up to 1 GiB.
const GIGABYTE: usize = 1 << 30;

/// The trial ends with the request to this path; then the good times are over.
pub const LAST_OF_THE_TRIAL: &str = "/begin";

pub struct World {
    seed: u64,
    pub books: Books,
    /// The trial is over.
    chaos: AtomicBool,
    bomb: Vec<u8>,
    /// Makes paths unique.
    hops: AtomicU64,
    /// A certificate for each name; connections take turns. None: plain text.
    acceptors: Vec<TlsAcceptor>,
}

impl World {
    pub fn new(seed: u64, encrypted: bool) -> Arc<World> {
        let names = ["127.0.0.1", "another.example", "localhost"];
        Arc::new(World {
            seed,
            books: Books::default(),
            chaos: AtomicBool::new(false),
            bomb: answers::bomb(),
            hops: AtomicU64::new(0),
            acceptors: if encrypted { names.map(acceptor).into() } else { Vec::new() },
        })
    }

    pub fn encrypted(&self) -> bool {
        !self.acceptors.is_empty()
    }

    /// Serves on a free port of loopback for as long as the runtime lives.
    pub async fn serve(self: Arc<World>) -> io::Result<SocketAddr> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        tokio::spawn(async move {
            for number in 0.. {
                let Ok((socket, _)) = listener.accept().await else { continue };
                self.books.connection();
                tokio::spawn(self.clone().connection(socket, number));
            }
        });
        Ok(address)
    }

    async fn connection(self: Arc<World>, socket: TcpStream, number: u64) {
        let mut rng = StdRng::seed_from_u64(self.seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let _ = socket.set_nodelay(true);
        if self.chaos.load(Ordering::SeqCst) && rng.random_range(0..REFUSED) == 0 {
            let greeting = Greeting::choose(&mut rng, self.encrypted());
            self.books.greeted(greeting);
            return greet(greeting, socket).await;
        }
        let stream = match self.acceptors.as_slice() {
            [] => Stream::Plain(socket),
            acceptors => match acceptors[number as usize % acceptors.len()].accept(socket).await {
                Ok(stream) => Stream::Tls(Box::new(stream)),
                // A client that was cut off in the handshake: its request is never seen.
                Err(_) => return,
            },
        };
        let mut connection = Connection::new(stream);
        let mut reused = false;
        while let Some(head) = connection.head().await {
            let Some(next) = self.request(connection, &head, reused, &mut rng).await else { return };
            connection = next;
            reused = true;
        }
    }

    /// The connection, if another request may come over it.
    async fn request(
        &self,
        mut connection: Connection,
        head: &Head,
        reused: bool,
        rng: &mut StdRng,
    ) -> Option<Connection> {
        let asked = self.asked(head);
        let deed = match head.path() {
            _ if !self.chaos.load(Ordering::SeqCst) => Deed::Length,
            // It is sent once, and a request that is never answered would be the verdict's first reason.
            LAST_OF_THE_TRIAL => Deed::Length,
            path if path.starts_with("/loop/") => Deed::RedirectLoop,
            _ => Deed::choose(rng, asked),
        };
        self.saw(head, deed, asked, reused);
        if head.path() == LAST_OF_THE_TRIAL {
            self.chaos.store(true, Ordering::SeqCst);
        }
        let length = head.content_length();
        match deed {
            Deed::EarlyAnswer | Deed::ResetInUpload | Deed::StopReading => {}
            Deed::SlowReader => drop(connection.body(length, Duration::from_millis(1)).await),
            _ => drop(connection.body(length, Duration::ZERO).await),
        }
        match self.perform(&mut connection, head, deed, rng).await {
            Ok(End::Keep) => return Some(connection),
            Ok(End::Close) => {
                connection.shut().await;
                while let Some(late) = connection.head().await {
                    self.saw(&late, Deed::AfterClose, self.asked(&late), true);
                    connection.body(late.content_length(), Duration::ZERO).await;
                }
            }
            Ok(End::Reset) => connection.reset(),
            Ok(End::Wait) | Err(_) => connection.wait_for_close().await,
        }
        None
    }

    fn asked(&self, head: &Head) -> Asked {
        let hop = head.path().split('/').nth(2).and_then(|hop| hop.parse().ok()).unwrap_or(0);
        let redirects: u32 = head.header("x-redirects").parse().unwrap_or(0);
        Asked {
            head: head.method() == "HEAD",
            upload: head.content_length() > 1_000_000,
            encrypted: self.encrypted(),
            redirects_left: redirects.saturating_sub(hop),
        }
    }

    fn saw(&self, head: &Head, deed: Deed, asked: Asked, reused: bool) {
        self.books.saw(Sighting {
            name: head.header("x-name").to_owned(),
            // The same header goes along with each redirect.
            id: format!("{} {}", head.header("x-id"), head.path()),
            iteration: head.header("x-iteration").to_owned(),
            deed,
            asked,
            reused,
            harmless: matches!(head.method(), "GET" | "HEAD"),
        });
    }

    /// A path of this server that no other redirect leads to.
    fn next_hop(&self, from: &Head, kind: &str) -> String {
        let hop: u32 = from.path().split('/').nth(2).and_then(|hop| hop.parse().ok()).unwrap_or(0);
        format!("/{kind}/{}/{}", hop + 1, self.hops.fetch_add(1, Ordering::SeqCst))
    }

    async fn perform(
        &self,
        connection: &mut Connection,
        request: &Head,
        deed: Deed,
        rng: &mut StdRng,
    ) -> io::Result<End> {
        let bodiless = request.method() == "HEAD";
        if let Some((head, body)) = whole(deed, rng, &self.bomb) {
            let answer = if bodiless { head } else { [head, body].concat() };
            connection.write(answer).await?;
            return Ok(match deed {
                Deed::UntilClose | Deed::CloseTold | Deed::Http10 | Deed::CloseUntold => End::Close,
                _ => End::Keep,
            });
        }
        if let Some(bytes) = broken(deed, rng) {
            connection.write(bytes).await?;
            return Ok(if deed == Deed::OldPage { End::Close } else { End::Wait });
        }
        let redirect = |location: &str| head(302, &format!("Location: {location}\r\nContent-Length: 0\r\n"));
        match deed {
            Deed::RedirectNear(status) => {
                let location = self.next_hop(request, "hop");
                connection.write(head(status, &format!("Location: {location}\r\nContent-Length: 0\r\n"))).await?;
            }
            Deed::RedirectLoop => connection.write(redirect(&self.next_hop(request, "loop"))).await?,
            Deed::RedirectHuge => {
                let location = self.next_hop(request, "hop") + "/" + &"x".repeat(60_000);
                connection.write(redirect(&location)).await?;
            }
            Deed::RedirectNowhere => connection.write(head(302, "Content-Length: 0\r\n")).await?,
            Deed::RedirectForeign => {
                let places = ["https://login.example/", "http://127.0.0.2/", "//evil.example/x"];
                connection.write(redirect(places[rng.random_range(0..places.len())])).await?;
            }
            Deed::RedirectScheme => {
                let places = ["ftp://127.0.0.1/", "javascript:alert(1)", "file:///etc/passwd", "data:,seat"];
                connection.write(redirect(places[rng.random_range(0..places.len())])).await?;
            }
            Deed::RedirectNoUrl => connection.write(redirect("http://[broken")).await?,
            Deed::Upgrade => {
                connection.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: chaos\r\n\r\n\0\x01\x02").await?;
                return Ok(End::Wait);
            }
            Deed::AnswersTwice => {
                let answer = head(218, "Content-Length: 0\r\n");
                connection.write(answer.clone() + &answer).await?;
                return Ok(End::Wait);
            }
            Deed::BodyForHead => {
                connection.write(head(219, "Content-Length: 4\r\n") + "seat").await?;
                return Ok(End::Wait);
            }
            Deed::BodyFor204 => {
                connection.write(head(204, "Content-Length: 4\r\n") + "seat").await?;
                return Ok(End::Wait);
            }
            Deed::EarlyAnswer => {
                connection.write(head(413, "Content-Length: 0\r\n")).await?;
                connection.body(request.content_length(), Duration::ZERO).await;
            }
            Deed::Dripped => {
                connection.write(head(206, "Content-Length: 60\r\n")).await?;
                for _ in 0..60 {
                    connection.write("x").await?;
                    sleep(Duration::from_millis(2)).await;
                }
            }
            Deed::TwoPackets => {
                connection.write(head(207, "Content-Length: 4\r\n")).await?;
                sleep(Duration::from_millis(5)).await;
                connection.write("seat").await?;
            }
            _ => return misbehave(connection, deed, bodiless, rng).await,
        }
        Ok(End::Keep)
    }
}

/// What becomes of a connection.
enum End {
    Keep,
    Close,
    Reset,
    /// Silent until the client gives up.
    Wait,
}

/// Deeds that leave the client without an answer.
async fn misbehave(connection: &mut Connection, deed: Deed, bodiless: bool, rng: &mut StdRng) -> io::Result<End> {
    let half = head(200, "Content-Length: 1000\r\n") + "half";
    // The client gets the time to read what a reset would throw away.
    let read_by_now = Duration::from_millis(20);
    match deed {
        Deed::CloseBefore => return Ok(End::Close),
        Deed::ResetBefore => return Ok(End::Reset),
        Deed::CloseInHead | Deed::ResetInHead | Deed::StallInHead => connection.write("HTTP/1.1 200 O").await?,
        Deed::CloseInBody | Deed::ResetInBody | Deed::StallInBody => connection.write(&half).await?,
        Deed::CloseInChunks => {
            let chunks = chunked(rng, &[b'x'; 3_000]);
            connection.write(head(200, "Transfer-Encoding: chunked\r\n")).await?;
            connection.write(&chunks[..rng.random_range(0..chunks.len())]).await?;
        }
        Deed::ResetInUpload => drop(connection.body(64 * 1024, Duration::ZERO).await),
        Deed::StopReading => sleep(2 * TIME_LIMIT).await,
        Deed::BadGzip => {
            let headers = "Content-Encoding: gzip\r\nContent-Length: 4\r\n";
            connection.write(head(200, headers) + "seat").await?;
            return Ok(End::Keep);
        }
        Deed::EndlessHead => {
            connection.write("HTTP/1.1 200 OK\r\n").await?;
            for number in 0..u64::MAX {
                connection.write(format!("X-{number}: {}\r\n", "y".repeat(1_000))).await?;
            }
        }
        Deed::InterimFlood => loop {
            connection.write("HTTP/1.1 100 Continue\r\n\r\n".repeat(50)).await?;
            sleep(Duration::from_millis(1)).await;
        },
        Deed::Drip => {
            connection.write(head(200, "Content-Length: 1000000\r\n")).await?;
            loop {
                connection.write("x").await?;
                sleep(Duration::from_millis(5)).await;
            }
        }
        Deed::DripHead => {
            connection.write("HTTP/1.1 200 OK\r\nX: ").await?;
            loop {
                connection.write("y").await?;
                sleep(Duration::from_millis(5)).await;
            }
        }
        Deed::Gigabyte => {
            connection.write(head(GIGABYTE_STATUS, &format!("Content-Length: {GIGABYTE}\r\n"))).await?;
            let block = vec![b'x'; 256 * 1024];
            for _ in 0..GIGABYTE / block.len() {
                connection.write(&block).await?;
            }
            return Ok(End::Keep);
        }
        Deed::TlsGarbage => connection.write_raw(&[0x17; 100]).await?,
        Deed::Stall => {}
        other => unreachable!("{other:?} is done elsewhere, bodiless: {bodiless}"),
    }
    Ok(match deed {
        Deed::CloseInHead | Deed::CloseInBody | Deed::CloseInChunks => End::Close,
        Deed::ResetInHead | Deed::ResetInBody => {
            sleep(read_by_now).await;
            End::Reset
        }
        Deed::ResetInUpload | Deed::StopReading => End::Reset,
        _ => End::Wait,
    })
}

/// Refuses a connection.
async fn greet(greeting: Greeting, mut socket: TcpStream) {
    match greeting {
        Greeting::Reset => return reset(socket),
        Greeting::Close | Greeting::CloseInHandshake => drop(socket.shutdown().await),
        Greeting::Stall | Greeting::StallInHandshake => {}
        Greeting::Banner | Greeting::PlainText => drop(socket.write_all(b"220 mail.example ESMTP\r\n").await),
    }
    Connection::new(Stream::Plain(socket)).wait_for_close().await;
}

/// A certificate that nobody vouches for.
fn acceptor(name: &str) -> TlsAcceptor {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed([name.to_owned()]).expect("a key");
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).expect("a private key");
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("TLS versions")
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .expect("a certificate");
    TlsAcceptor::from(Arc::new(config))
}
