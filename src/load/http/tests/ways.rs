//! The way to a target: addresses in place of DNS, both families of addresses, proxies.

use std::net::Ipv6Addr;

use tokio::io::copy_bidirectional;

use super::encryption::{serve_https, trusting};
use super::*;
use crate::load::http::{Client, Proxies, Session};
use crate::measurement::ErrorClass;
use crate::plan::hosts::{HostOverride, Hosts};

pub(super) const SEAT: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nseat";

pub(super) fn hosts(entries: &[(&str, String)]) -> Hosts {
    Hosts::new(entries.iter().map(|(name, to)| HostOverride::parse(name, to).unwrap()).collect())
}

pub(super) fn proxies(variables: &[(&str, String)]) -> Proxies {
    Proxies::from_env(&|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone()))
}

#[tokio::test]
async fn an_address_stands_for_a_name_and_the_name_is_asked_for() {
    let (address, requests) = serve_always(SEAT, false).await;
    let session = session_with(ClientSettings {
        hosts: hosts(&[("*.shop.example", address.to_string()), ("shop.example:8443", address.to_string())]),
        ..settings()
    });
    assert_eq!(outcome(&send(&session, request("GET", "http://api.shop.example/seat")).await), "200 \"seat\"");
    assert_eq!(requests.header(0, "host").unwrap(), "api.shop.example");
    assert_eq!(outcome(&send(&session, request("GET", "http://shop.example:8443/")).await), "200 \"seat\"");
    assert_eq!(requests.header(1, "host").unwrap(), "shop.example:8443");
    let other = send(&session, request("GET", "http://shop.example/")).await;
    assert_eq!(other.outcome.unwrap_err().class, ErrorClass::Dns, "another port is left to DNS");
}

#[tokio::test]
async fn the_certificate_is_that_of_the_name() {
    let (address, authority, requests) = serve_https(&["shop.example"]).await;
    let hosts = hosts(&[("shop.example", address.to_string()), ("other.example", address.to_string())]);
    let session = session_with(ClientSettings { hosts, ..trusting(authority) });
    assert_eq!(outcome(&send(&session, request("GET", "https://shop.example/")).await), "200 \"seat\"");
    assert!(requests.head(0).starts_with("shop.example "), "the name is told (SNI): {}", requests.head(0));
    let told = outcome(&send(&session, request("GET", "https://other.example/")).await);
    assert!(told.starts_with("tls: ") && told.ends_with("; use the name that the certificate is for"), "{told}");
}

#[tokio::test]
async fn ipv6_is_spoken_where_it_is_all_there_is() {
    let Ok(listener) = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await else {
        return eprintln!("SKIPPED: this machine has no IPv6");
    };
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let head = read_head(&mut socket).await.unwrap();
            let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned();
            let answer =
                format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{host}", host.len());
            socket.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let session = session_with(ClientSettings { hosts: hosts(&[("six.example", "::1".to_owned())]), ..settings() });
    // `localhost` is 127.0.0.1 first, where nothing listens.
    for host in ["[::1]", "localhost", "six.example"] {
        let exchange = send(&session, request("GET", format!("http://{host}:{port}/"))).await;
        assert_eq!(outcome(&exchange), format!("200 \"{host}:{port}\""));
    }
}

/// A proxy that takes CONNECT and whole URLs, and answers to nobody but mary. It resolves every name to `to`.
pub(super) async fn serve_proxy(to: SocketAddr) -> (SocketAddr, Requests) {
    let requests = Requests::default();
    let seen = requests.clone();
    let address = serve(move |mut socket, number| {
        let seen = seen.clone();
        async move {
            while let Some(head) = read_head(&mut socket).await {
                seen.push(number, head.clone());
                if !head.to_ascii_lowercase().contains("proxy-authorization: basic bwfyetpwdq==\r\n") {
                    let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
                    socket.write_all(refusal.as_bytes()).await.unwrap();
                    continue;
                }
                if head.starts_with("CONNECT ") {
                    let Ok(mut there) = TcpStream::connect(to).await else {
                        return socket.write_all(b"HTTP/1.1 502 Bad Gateway\r\n\r\n").await.unwrap();
                    };
                    socket.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
                    let _ = copy_bidirectional(&mut socket, &mut there).await;
                    return;
                }
                socket.write_all(SEAT.as_bytes()).await.unwrap();
            }
        }
    })
    .await;
    (address, requests)
}

#[tokio::test]
async fn requests_of_http_name_their_whole_url_to_the_proxy() {
    let (proxy, requests) = serve_proxy("127.0.0.1:1".parse().unwrap()).await;
    let proxies = proxies(&[("HTTP_PROXY", format!("http://mary:pu@{proxy}"))]);
    let session = session_with(ClientSettings { proxies, ..settings() });
    for path in ["/cart?x=1#top", ""] {
        let exchange = send(&session, request("GET", format!("http://shop.example:8080{path}"))).await;
        assert_eq!(outcome(&exchange), "200 \"seat\"");
    }
    assert_eq!(requests.connections(), [0, 0], "the connection is kept");
    assert!(requests.head(0).starts_with("GET http://shop.example:8080/cart?x=1 HTTP/1.1\r\n"), "{}", requests.head(0));
    assert!(requests.head(1).starts_with("GET http://shop.example:8080/ HTTP/1.1\r\n"), "{}", requests.head(1));
    assert_eq!(requests.header(1, "host").unwrap(), "shop.example:8080");
    // Loopback is no proxy's business.
    let (direct, seen) = serve_always(SEAT, false).await;
    assert_eq!(outcome(&send(&session, get(direct)).await), "200 \"seat\"");
    assert!(seen.header(0, "proxy-authorization").is_none() && seen.head(0).starts_with("GET / "));
}

#[tokio::test]
async fn requests_of_https_go_through_a_tunnel() {
    let (address, authority, requests) = serve_https(&["shop.example"]).await;
    let (proxy, asked) = serve_proxy(address).await;
    // The proxy's name may be the plan's too.
    let settings = ClientSettings {
        proxies: proxies(&[("HTTPS_PROXY", "http://mary:pu@proxy.example".to_owned())]),
        hosts: hosts(&[("proxy.example:80", proxy.to_string())]),
        ..trusting(authority)
    };
    let session = session_with(settings);
    let exchange = send(&session, request("GET", "https://shop.example/cart")).await;
    assert_eq!(outcome(&exchange), "200 \"seat\"");
    assert!(asked.head(0).starts_with("CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example:443\r\n"));
    let head = requests.head(0);
    assert!(head.starts_with("shop.example ") && head.contains(" GET /cart HTTP/1.1\r\n"), "{head}");
    assert!(!head.to_ascii_lowercase().contains("proxy-authorization"), "the proxy's password is the proxy's alone");
    let phases = exchange.phases;
    assert!(phases.blocked >= phases.connecting + phases.tls_handshaking, "{phases:?}");
    assert!(exchange.sent > asked.head(0).len() as u64);
}

#[tokio::test]
async fn a_proxy_that_fails_is_told() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let (proxy, _) = serve_proxy(closed).await;
    let hangs = serve(|mut socket, _| async move {
        let _ = read_head(&mut socket).await;
        std::future::pending::<()>().await;
    })
    .await;
    for (variable, value, url, told) in [
        (
            "HTTPS_PROXY",
            format!("http://eve:pu@{proxy}"),
            "https://shop.example/",
            format!(
                "connect: the proxy {proxy} made no tunnel to shop.example:443: 407 Proxy Authentication Required; write user \
                 name and password into HTTPS_PROXY, as http://USER:PASSWORD@{proxy}"
            ),
        ),
        (
            "HTTPS_PROXY",
            format!("http://mary:pu@{proxy}"),
            "https://shop.example/",
            format!("connect: the proxy {proxy} made no tunnel to shop.example:443: 502 Bad Gateway"),
        ),
        ("HTTP_PROXY", format!("http://eve:pu@{proxy}"), "http://shop.example/", "407 \"\"".to_owned()),
        (
            "HTTP_PROXY",
            format!("http://{closed}"),
            "http://shop.example/",
            format!("connect: the proxy {closed}: {closed} refused the connection: nothing listens there"),
        ),
        (
            "HTTPS_PROXY",
            format!("http://{hangs}"),
            "https://shop.example/",
            "timeout: the proxy made no tunnel within 0.2 s".to_owned(),
        ),
    ] {
        let proxies = proxies(&[(variable, value)]);
        let session = Session::new(Client::new(ClientSettings { proxies, ..settings() }).unwrap());
        let mut outgoing = request("GET", url);
        if told.starts_with("timeout") {
            outgoing.timeout = Duration::from_millis(200);
        }
        assert_eq!(outcome(&send(&session, outgoing).await), told);
    }
}
