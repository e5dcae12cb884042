//! The client against real servers that write their answers by hand.

mod answers;
mod clients;
mod connections;
mod corpus;
mod digests;
mod encryption;
mod failures;
mod following;
mod http2;
mod probing;
mod readiness;
mod resolving;
mod timing;
mod ways;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use crate::dns::Resolver;

use super::{Client, ClientSettings, Exchange, Outgoing, Session};

/// Serves every connection with `handler`, which is told the connection's number, from 0.
async fn serve<F>(handler: impl Fn(TcpStream, usize) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for number in 0.. {
            let (socket, _) = listener.accept().await.unwrap();
            tokio::spawn(handler(socket, number));
        }
    });
    address
}

/// Answers every request of every connection with the same bytes, then closes if `close`. The heads of the requests are
/// kept with their connection's number.
async fn serve_always(answer: impl Into<Bytes>, close: bool) -> (SocketAddr, Requests) {
    let requests = Requests::default();
    let seen = requests.clone();
    let answer = answer.into();
    let address = serve(move |mut socket, number| {
        let (seen, answer) = (seen.clone(), answer.clone());
        async move {
            while let Some(head) = read_head(&mut socket).await {
                seen.0.lock().unwrap().push((number, head));
                socket.write_all(&answer).await.unwrap();
                if close {
                    return;
                }
            }
        }
    })
    .await;
    (address, requests)
}

/// The requests that a server has read: the number of the connection and the head.
#[derive(Clone, Default)]
struct Requests(Arc<Mutex<Vec<(usize, String)>>>);

impl Requests {
    fn push(&self, connection: usize, head: String) {
        self.0.lock().unwrap().push((connection, head));
    }

    fn connections(&self) -> Vec<usize> {
        self.0.lock().unwrap().iter().map(|(connection, _)| *connection).collect()
    }

    fn head(&self, index: usize) -> String {
        self.0.lock().unwrap()[index].1.clone()
    }

    /// The value of a header in the request with this index.
    fn header(&self, index: usize, name: &str) -> Option<String> {
        self.head(index).lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then(|| value.to_owned())
        })
    }
}

/// Reads up to the empty line; none where the client closed.
async fn read_head(socket: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match socket.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return None,
        }
    }
    Some(String::from_utf8(head).unwrap())
}

fn settings() -> ClientSettings {
    ClientSettings::new(Resolver::offline())
}

fn session() -> Session {
    session_with(settings())
}

fn session_with(settings: ClientSettings) -> Session {
    Session::new(Client::new(settings).unwrap())
}

fn request(method: &str, url: impl AsRef<str>) -> Outgoing {
    Outgoing {
        method: method.parse().unwrap(),
        url: url.as_ref().parse().unwrap(),
        headers: HeaderMap::new(),
        origin_headers: HeaderMap::new(),
        body: Bytes::new(),
        timeout: Duration::from_secs(10),
        redirects: 10,
        cookies: true,
        digest: None,
    }
}

fn get(address: SocketAddr) -> Outgoing {
    request("GET", format!("http://{address}/"))
}

/// All exchanges of a request, in the order they were sent.
async fn send_all(session: &Session, outgoing: Outgoing) -> Vec<Exchange> {
    send_to(session, outgoing, &|_| true).await
}

/// The same, to hosts that `allowed` accepts.
async fn send_to(session: &Session, outgoing: Outgoing, allowed: &dyn Fn(&Url) -> bool) -> Vec<Exchange> {
    let mut exchanges = Vec::new();
    let last = session.send(&outgoing, allowed, &mut |exchange| exchanges.push(exchange.clone())).await;
    assert!(exchanges.iter().all(|exchange| exchange.redirected) && !last.redirected);
    exchanges.push(last);
    exchanges
}

/// A request that is not redirected.
async fn send(session: &Session, outgoing: Outgoing) -> Exchange {
    let mut exchanges = send_all(session, outgoing).await;
    assert_eq!(exchanges.len(), 1);
    exchanges.remove(0)
}

/// What came back, in one line: status and body, or class, status and message.
fn outcome(exchange: &Exchange) -> String {
    match &exchange.outcome {
        Ok(answer) => format!("{} {:?}", answer.status.as_u16(), String::from_utf8_lossy(&answer.body)),
        Err(failure) => {
            let status = failure.status.map_or(String::new(), |status| format!(" {}", status.as_u16()));
            format!("{}{status}: {}", failure.class, failure.message)
        }
    }
}
