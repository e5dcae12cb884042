//! The way to nginx: IPv6, addresses in place of DNS, proxies of the environment.

use std::io::{self, Read, Write};
use std::net::{Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::certificates::Authority;
use crate::server::Nginx;

fn plan(target: &str, check: &str) -> String {
    format!(
        "version: 1
name: ways
target: {target}
scenarios:
  load:
    executor: per-vu-iterations
    vus: 2
    iterations: 3
    steps: [{{ get: /cart?x=1, check: {{ as expected: \"{check}\" }} }}]
thresholds: {{ checks: [\"rate==1\"], http_req_failed: [\"rate==0\"] }}"
    )
}

#[test]
fn ipv6_is_reached_by_address_and_by_name() {
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
        let _ = writeln!(io::stderr(), "SKIPPED: this machine has no IPv6");
        return;
    }
    let http = "server { LISTEN; return 404; } server { listen [::1]:PORT_B; return 200 $server_addr; }";
    let Some(nginx) = Nginx::serve(http, &[]) else { return };
    for (host, target) in [("[::1]", "{}"), ("localhost", "{}"), ("six.example", "{ hosts: { six.example: \"::1\" } }")]
    {
        let url = format!("http://{host}:{}", nginx.port_b);
        let (code, text) = nginx.run(&url, &plan(target, "text == '::1'"), &[], &[]);
        assert_eq!(code, Some(0), "{host}\n{text}");
    }
}

#[test]
fn addresses_stand_for_names_and_ports() {
    let http = "server { LISTEN; return 200 \"$http_host\"; }";
    let Some(nginx) = Nginx::serve(http, &[]) else { return };
    let address = nginx.url("http").replace("http://", "");
    for (url, hosts) in [
        ("http://shop.example", format!("shop.example: \"{address}\"")),
        ("http://api.shop.example", format!("\"*.shop.example\": \"{address}\"")),
        ("http://shop.example:81", format!("shop.example: 127.0.0.9, shop.example:81: \"{address}\"")),
    ] {
        let check = format!("text == '{}'", url.replace("http://", ""));
        let target = format!("{{ hosts: {{ {hosts} }}, ready: {{ get: / }} }}");
        let (code, text) = nginx.run(url, &plan(&target, &check), &[], &[]);
        assert_eq!(code, Some(0), "{hosts}\n{text}");
    }
}

/// nginx as a proxy of HTTP: it takes whole URLs, and here a password.
#[test]
fn requests_of_http_go_through_the_proxy_of_the_environment() {
    let http = "server { LISTEN; location / {
        if ($http_proxy_authorization != \"Basic bWFyeTpwdQ==\") { return 407; }
        proxy_set_header Host $http_host; proxy_set_header X-Line $request; proxy_set_header Proxy-Authorization \"\";
        proxy_pass http://127.0.0.1:PORT_B; } }
      server { listen 127.0.0.1:PORT_B; return 200 \"$http_host|$http_x_line|$http_proxy_authorization\"; }";
    let Some(nginx) = Nginx::serve(http, &[]) else { return };
    let proxy = nginx.url("http").replace("http://", "");
    let (mary, eve) = (format!("http://mary:pu@{proxy}"), format!("eve:pu@{proxy}"));
    let through = "text == 'shop.example|GET http://shop.example/cart?x=1 HTTP/1.1|'";
    let run = |variables: &[(&str, &str)], check: &str| {
        nginx.run("http://shop.example", &plan("{ ready: { get: / } }", check), &[], variables)
    };
    for variables in [
        &[("HTTP_PROXY", mary.as_str())][..],
        &[("http_proxy", mary.as_str()), ("NO_PROXY", "other.example,.shop.example,10.0.0.0/8")],
        &[("HTTP_PROXY", eve.as_str()), ("http_proxy", mary.as_str()), ("REQUEST_METHOD", "GET")],
    ] {
        let (code, text) = run(variables, through);
        assert_eq!(code, Some(0), "{variables:?}\n{text}");
        assert!(text.contains(&format!("warning: the load goes through the proxy {proxy} (")), "{text}");
        assert!(!text.contains("mary:pu") && !text.contains("bWFyeTpwdQ"), "{text}");
    }
    // Without the readiness check, which would wait for another status.
    let (code, text) = nginx.run("http://shop.example", &plan("{}", through), &[], &[("HTTP_PROXY", &eve)]);
    assert!(code != Some(0) && text.contains("407"), "{code:?}\n{text}");
    // Past the proxy: the plan says where the name is.
    let target = format!("{{ hosts: {{ shop.example: \"127.0.0.1:{}\" }} }}", nginx.port_b);
    let past = [("HTTP_PROXY", mary.as_str()), ("NO_PROXY", "shop.example")];
    let (code, text) = nginx.run("http://shop.example", &plan(&target, "text == 'shop.example||'"), &[], &past);
    assert_eq!(code, Some(0), "{text}");
    // This machine's own addresses never go through a proxy.
    let own = format!("http://127.0.0.1:{}", nginx.port_b);
    let check = format!("text == '127.0.0.1:{}||'", nginx.port_b);
    let (code, text) = nginx.run(&own, &plan("{}", &check), &[], &[("HTTP_PROXY", &eve)]);
    assert_eq!(code, Some(0), "{text}");
}

/// A proxy that makes tunnels for mary, all of them to one address. It keeps the heads of what it was asked.
fn serve_tunnels(to: SocketAddr) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("a bound address");
    let heads: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = heads.clone();
    thread::spawn(move || {
        for mut socket in listener.incoming().flatten() {
            let seen = seen.clone();
            thread::spawn(move || -> io::Result<()> {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let mut byte = [0];
                    socket.read_exact(&mut byte)?;
                    head.push(byte[0]);
                }
                let head = String::from_utf8_lossy(&head).into_owned();
                let mary = |line: &str| {
                    line.split_once(": ").is_some_and(|(name, value)| {
                        name.eq_ignore_ascii_case("proxy-authorization") && value == "Basic bWFyeTpwdQ=="
                    })
                };
                let known = head.lines().any(mary);
                seen.lock().expect("nobody panics").push(head);
                if !known {
                    return socket
                        .write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
                }
                let mut there = TcpStream::connect(to)?;
                socket.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
                let (mut from, mut back) = (there.try_clone()?, socket.try_clone()?);
                thread::spawn(move || io::copy(&mut from, &mut back));
                io::copy(&mut socket, &mut there).map(|_| ())
            });
        }
    });
    (address, heads)
}

#[test]
fn requests_of_https_go_through_a_tunnel_of_the_proxy() {
    let authority = Authority::new("staging");
    let pair = authority.issue(&["shop.example"]);
    let files = [("server.pem", pair.cert), ("server.key", pair.key)];
    let http = "server { LISTEN ssl http2; ssl_certificate server.pem; ssl_certificate_key server.key;
      return 200 \"$ssl_server_name|$http_host|$server_protocol|$http_proxy_authorization\"; }";
    let Some(nginx) = Nginx::serve(http, &files) else { return };
    let ca = [("ca.pem", authority.pem())];
    let address: SocketAddr = nginx.url("http").replace("http://", "").parse().expect("an address");
    let (proxy, heads) = serve_tunnels(address);
    for (version, protocol) in [("auto", "HTTP/2.0"), ("1.1", "HTTP/1.1")] {
        let target = format!("{{ httpVersion: {version}, tls: {{ ca: ca.pem }}, ready: {{ get: /, within: 2s }} }}");
        let plan = plan(&target, &format!("text == 'shop.example|shop.example|{protocol}|'"));
        let mary = format!("http://mary:pu@{proxy}");
        let (code, text) = nginx.run("https://shop.example", &plan, &ca, &[("HTTPS_PROXY", &mary)]);
        assert_eq!(code, Some(0), "{text}");
        // Readiness, the trial, and two virtual users, who keep theirs.
        let asked = std::mem::take(&mut *heads.lock().expect("nobody panics"));
        assert_eq!(asked.len(), 4, "{asked:?}");
        assert!(
            asked[0].starts_with("CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example:443\r\n"),
            "{}",
            asked[0]
        );
        let (code, text) =
            nginx.run("https://shop.example", &plan, &ca, &[("https_proxy", &mary.replace("mary", "eve"))]);
        assert_eq!(code, Some(4), "{text}");
        assert!(text.contains("proxy authorization required") && !text.contains("eve:pu"), "{text}");
        heads.lock().expect("nobody panics").clear();
    }
}
