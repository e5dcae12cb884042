//! Names that can't be resolved, and names that move.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Instant;

use hickory_resolver::proto::op::ResponseCode;
use tokio::time::sleep;

use crate::dns::bad_servers::{self, Deed, ips};

use super::*;

/// Answers every request with the listener's address.
fn serve_own_address(listener: TcpListener) {
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            tokio::spawn(async move {
                let address = socket.local_addr().unwrap().ip().to_string();
                let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{address}", address.len());
                while read_head(&mut socket).await.is_some() {
                    socket.write_all(answer.as_bytes()).await.unwrap();
                }
            });
        }
    });
}

/// Two addresses of this machine that listen on one port.
async fn two_homes() -> u16 {
    loop {
        let first = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = first.local_addr().unwrap().port();
        if let Ok(second) = TcpListener::bind(("127.0.0.2", port)).await {
            serve_own_address(first);
            serve_own_address(second);
            return port;
        }
    }
}

/// An answer of DNS is kept for its time to live, but for 1 s at least. A connection that is open stays where it is.
#[tokio::test]
async fn new_connections_follow_a_name_that_moves_and_open_ones_stay() {
    let home: Arc<Mutex<Vec<IpAddr>>> = Arc::new(Mutex::new(ips(&["127.0.0.1"])));
    let names = HashMap::from([("moving.test", Deed::Addresses(1, home.clone()))]);
    let settings = ClientSettings::new(Resolver::asking(bad_servers::serve(names).await));
    let client = Client::new(settings).unwrap();
    let url = format!("http://moving.test:{}/", two_homes().await);

    let settled = Session::new(client.clone());
    assert_eq!(outcome(&send(&settled, request("GET", &url)).await), "200 \"127.0.0.1\"");
    *home.lock().unwrap() = ips(&["127.0.0.2"]);
    let moved = Instant::now();
    let within = Session::new(client.clone());
    assert_eq!(outcome(&send(&within, request("GET", &url)).await), "200 \"127.0.0.1\"", "within the time to live");
    loop {
        let exchange = send(&Session::new(client.clone()), request("GET", &url)).await;
        if outcome(&exchange) == "200 \"127.0.0.2\"" {
            break;
        }
        assert!(moved.elapsed() < Duration::from_secs(5), "{}", outcome(&exchange));
        sleep(Duration::from_millis(50)).await;
    }
    assert!(moved.elapsed() > Duration::from_millis(500), "not at once either: {:?}", moved.elapsed());
    assert_eq!(outcome(&send(&settled, request("GET", &url)).await), "200 \"127.0.0.1\"", "an open connection");
}

/// What DNS does, and the failure that a request with a limit of 0.3 s has; nothing was sent, so there is no duration.
#[tokio::test]
async fn a_name_that_is_not_resolved_is_a_failure_with_its_class() {
    let names = HashMap::from([
        ("broken.test", Deed::Code(ResponseCode::ServFail)),
        ("silent.test", Deed::Silence),
        ("late.test", Deed::Late(Duration::from_secs(1))),
    ]);
    let settings = ClientSettings::new(Resolver::asking(bad_servers::serve(names).await));
    let session = session_with(settings);
    for (host, expected) in [
        ("unknown.test", "dns: no such host: DNS knows no address for `unknown.test`; check the name"),
        ("broken.test", "dns: `broken.test` was not resolved: "),
        ("silent.test", "timeout: the host name was not resolved within 0.3 s"),
        ("late.test", "timeout: the host name was not resolved within 0.3 s"),
    ] {
        let mut outgoing = request("GET", format!("http://{host}/"));
        outgoing.timeout = Duration::from_millis(300);
        let exchange = send(&session, outgoing).await;
        assert!(outcome(&exchange).starts_with(expected), "{}", outcome(&exchange));
        assert_eq!(exchange.phases.duration(), Duration::ZERO);
        assert_eq!((exchange.sent, exchange.received), (0, 0));
    }
}
