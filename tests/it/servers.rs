//! Servers that behave as real ones do on bad days: raw sockets on a free loopback port, one thread a connection.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// What a server does with a request, told its number (from 0).
pub type Behaviour = dyn Fn(u64, &Request, &mut TcpStream) + Send + Sync;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    pub head: String,
    pub body: String,
}

impl Request {
    /// `GET /thing?a=b`
    pub fn line(&self) -> &str {
        self.head.lines().next().and_then(|line| line.rsplit_once(' ')).map_or("", |(line, _)| line)
    }
}

/// A server that lives as long as the test process.
pub struct Server {
    pub address: SocketAddr,
    requests: Arc<AtomicU64>,
}

impl Server {
    pub fn start(behaviour: impl Fn(u64, &Request, &mut TcpStream) + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("a bound address");
        let requests = Arc::new(AtomicU64::new(0));
        let (counter, behaviour): (_, Arc<Behaviour>) = (Arc::clone(&requests), Arc::new(behaviour));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (counter, behaviour) = (Arc::clone(&counter), Arc::clone(&behaviour));
                thread::spawn(move || serve(stream, &counter, &*behaviour));
            }
        });
        Server { address, requests }
    }

    /// A server that answers every request with a status and a JSON body.
    pub fn answering(status: u16, body: &'static str) -> Server {
        Server::start(move |_, _, stream| answer_late(stream, status, body))
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Requests whose head has arrived.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::SeqCst)
    }
}

/// A loopback address on which nothing listens.
pub fn closed_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    format!("http://{}", listener.local_addr().expect("a bound address"))
}

/// Long enough that a few milliseconds of a busy machine are within the guard on the generator's own lag.
pub const LATENCY: Duration = Duration::from_millis(100);

/// Writes a whole answer of JSON after [`LATENCY`].
pub fn answer_late(stream: &mut TcpStream, status: u16, body: &str) {
    thread::sleep(LATENCY);
    answer(stream, status, "application/json", body);
}

/// Sends the client elsewhere.
pub fn redirect(stream: &mut TcpStream, location: &str) {
    let text = format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
    let _ = stream.write_all(text.as_bytes());
}

/// Writes a whole answer; the connection stays open.
pub fn answer(stream: &mut TcpStream, status: u16, content_type: &str, body: &str) {
    let length = body.len();
    let text =
        format!("HTTP/1.1 {status} Status\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\r\n{body}");
    let _ = stream.write_all(text.as_bytes());
}

/// Lets the connection be closed so that the peer sees a reset: without lingering, as soon as the next read gives up.
pub fn reset(stream: &TcpStream) {
    let _ = socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO));
    let _ = stream.set_read_timeout(Some(Duration::from_millis(1)));
}

/// Keeps the connection open and says nothing more until the peer gives up.
pub fn hang(stream: &mut TcpStream) {
    let _ = stream.read(&mut [0; 1]);
}

fn serve(mut stream: TcpStream, counter: &AtomicU64, behaviour: &Behaviour) {
    let _ = stream.set_nodelay(true);
    let mut pending = Vec::new();
    while let Some(request) = read_request(&mut stream, &mut pending) {
        let number = counter.fetch_add(1, Ordering::SeqCst);
        behaviour(number, &request, &mut stream);
    }
}

/// The next request. None when the peer has closed.
fn read_request(stream: &mut TcpStream, pending: &mut Vec<u8>) -> Option<Request> {
    let mut buffer = [0; 4096];
    loop {
        if let Some(end) = pending.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&pending[..end + 2]).into_owned();
            let length = head
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .and_then(|(_, value)| value.trim().parse::<usize>().ok())
                .unwrap_or(0);
            while pending.len() < end + 4 + length {
                match stream.read(&mut buffer) {
                    Ok(0) | Err(_) => return None,
                    Ok(read) => pending.extend_from_slice(&buffer[..read]),
                }
            }
            let body = String::from_utf8_lossy(&pending[end + 4..end + 4 + length]).into_owned();
            pending.drain(..end + 4 + length);
            return Some(Request { head, body });
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(read) => pending.extend_from_slice(&buffer[..read]),
        }
    }
}
