//! Proxies from the environment, by the rules of Go's client, which k6 uses.
//!
//! A request of HTTP goes to its proxy with its whole URL as the target (absolute-form); for HTTPS the proxy is asked for a
//! tunnel (CONNECT) first.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use http::HeaderValue;
use ipnet::IpNet;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use url::{Host, Position, Url};

use crate::measurement::ErrorClass;

use super::Failure;
use super::request::{OUR_USER_AGENT, basic};

/// Longest head of a proxy's answer, in bytes.
const LONGEST_HEAD: usize = 16 * 1024;

/// Which proxy a URL is asked through.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    http: Option<Setting>,
    https: Option<Setting>,
    exempt: Vec<Exempt>,
}

/// A variable, and the proxy that it names, or why it names none: said only when a request needs it.
#[derive(Clone, Debug)]
struct Setting {
    variable: &'static str,
    proxy: Result<Proxy, String>,
}

/// A proxy that is spoken to by HTTP.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Proxy {
    /// As URLs have it: IPv6 in brackets.
    pub host: String,
    pub port: u16,
    /// The `Proxy-Authorization` header.
    pub authorization: Option<HeaderValue>,
}

impl fmt::Debug for Proxy {
    /// Without its credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// An entry of `NO_PROXY`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Exempt {
    All,
    Network(IpNet),
    Address(IpAddr, Option<u16>),
    /// The suffix with its dot; and whether the name without it is meant too.
    Name {
        suffix: String,
        itself: bool,
        port: Option<u16>,
    },
}

impl Proxies {
    /// Reads `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, or the same in lower case, by asking for their values.
    ///
    /// Where `REQUEST_METHOD` is set, anybody could have set `HTTP_PROXY` by a header of a CGI request: only `http_proxy`
    /// counts there.
    pub fn from_env(variable: &dyn Fn(&str) -> Option<String>) -> Proxies {
        let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let setting = |names: &[&'static str]| {
            names.iter().find_map(|variable| Some(Setting { variable, proxy: parse(set(variable)?.trim()) }))
        };
        let http: &[_] = if set("REQUEST_METHOD").is_some() { &["http_proxy"] } else { &["HTTP_PROXY", "http_proxy"] };
        Proxies {
            http: setting(http),
            https: setting(&["HTTPS_PROXY", "https_proxy"]),
            exempt: set("NO_PROXY").or_else(|| set("no_proxy")).map(|list| exempt(&list)).unwrap_or_default(),
        }
    }

    /// The proxy for a URL; none where it is asked without one. Localhost and loopback addresses always are.
    ///
    /// # Errors
    /// The variable for the URL's scheme names no proxy that can be used.
    pub(super) fn of(&self, url: &Url) -> Result<Option<&Proxy>, Failure> {
        let setting = match url.scheme() {
            "https" => &self.https,
            _ => &self.http,
        };
        let (Some(setting), Some(host), Some(port)) = (setting, url.host(), url.port_or_known_default()) else {
            return Ok(None);
        };
        if is_local(&host) || self.exempt.iter().any(|entry| entry.matches(&host, port)) {
            return Ok(None);
        }
        match &setting.proxy {
            Ok(proxy) => Ok(Some(proxy)),
            Err(problem) => {
                Err(Failure::new(ErrorClass::Connect, format!("the variable {} {problem}", setting.variable)))
            }
        }
    }
}

/// `http://user:password@proxy:3128`, or without the scheme.
fn parse(text: &str) -> Result<Proxy, String> {
    let url = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("http://{text}")) };
    // The text is not told: it may hold a password.
    let url = url.map_err(|_| "is no URL of a proxy; write http://HOST:PORT")?;
    if url.scheme() != "http" {
        return Err(format!("names a proxy of {}, which is not supported; use one of http://", url.scheme()));
    }
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return Err("is no URL of a proxy; write http://HOST:PORT".to_owned());
    };
    Ok(Proxy { host: host.to_owned(), port, authorization: basic(&url) })
}

fn exempt(list: &str) -> Vec<Exempt> {
    list.split(',').filter_map(|entry| Exempt::parse(&entry.trim().to_lowercase())).collect()
}

impl Exempt {
    fn parse(entry: &str) -> Option<Exempt> {
        if entry == "*" {
            return Some(Exempt::All);
        }
        if let Ok(network) = IpNet::from_str(entry) {
            return Some(Exempt::Network(network));
        }
        let (host, port) = match entry.rsplit_once(':') {
            // What has more colons is an address of IPv6.
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port.parse().ok()?)),
            _ => (entry, None),
        };
        let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        if let Ok(address) = bare.parse() {
            return Some(Exempt::Address(address, port));
        }
        let name = host.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(host);
        let (itself, name) = match name.strip_prefix('.') {
            Some(below) => (false, below),
            None => (true, name),
        };
        let name = Host::parse(name).ok()?;
        Some(Exempt::Name { suffix: format!(".{name}"), itself, port })
    }

    fn matches(&self, host: &Host<&str>, port: u16) -> bool {
        let address = match host {
            Host::Ipv4(address) => Ok(IpAddr::V4(*address)),
            Host::Ipv6(address) => Ok(IpAddr::V6(*address)),
            Host::Domain(name) => Err(*name),
        };
        match (self, address) {
            (Exempt::All, _) => true,
            (Exempt::Network(network), Ok(address)) => network.contains(&address),
            (Exempt::Address(only, on), Ok(address)) => address == *only && on.is_none_or(|on| on == port),
            (Exempt::Name { suffix, itself, port: on }, Err(name)) => {
                (name.ends_with(suffix.as_str()) || (*itself && name == &suffix[1..])) && on.is_none_or(|on| on == port)
            }
            _ => false,
        }
    }
}

/// What no proxy could reach, since it is on this machine.
fn is_local(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback() || address.to_ipv4_mapped().is_some_and(|v4| v4.is_loopback()),
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
    }
}

/// Asks the proxy at the other end of the stream for a tunnel to the URL's host and port.
///
/// # Errors
/// Whatever keeps the tunnel from being made is of class `connect`.
pub(super) async fn tunnel(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    proxy: &Proxy,
    url: &Url,
) -> Result<(), Failure> {
    let place = authority(url);
    let refused =
        |why: String| Failure::new(ErrorClass::Connect, format!("the proxy {proxy} made no tunnel to {place}: {why}"));
    let mut request = format!("CONNECT {place} HTTP/1.1\r\nHost: {place}\r\nUser-Agent: ").into_bytes();
    request.extend_from_slice(OUR_USER_AGENT.as_bytes());
    if let Some(value) = &proxy.authorization {
        request.extend_from_slice(b"\r\nProxy-Authorization: ");
        request.extend_from_slice(value.as_bytes());
    }
    request.extend_from_slice(b"\r\n\r\n");
    stream.write_all(&request).await.map_err(|error| refused(error.to_string()))?;
    stream.flush().await.map_err(|error| refused(error.to_string()))?;
    let mut answer = Vec::with_capacity(512);
    let head = loop {
        if let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if answer.len() > LONGEST_HEAD {
            return Err(refused("its answer has no end".to_owned()));
        }
        match stream.read_buf(&mut answer).await {
            Ok(0) => return Err(refused("it closed the connection".to_owned())),
            Ok(_) => {}
            Err(error) => return Err(refused(error.to_string())),
        }
    };
    match status(&answer[..head]) {
        Some((200..=299, _)) if answer.len() == head + 4 => Ok(()),
        Some((200..=299, _)) => Err(refused("it sent more than its answer".to_owned())),
        Some((407, line)) => Err(refused(format!(
            "{line}; write user name and password into HTTPS_PROXY, as http://USER:PASSWORD@{proxy}"
        ))),
        Some((_, line)) => Err(refused(line)),
        None => Err(refused("its answer is no valid HTTP".to_owned())),
    }
}

/// Status, and status with reason, of the head of an answer.
fn status(head: &[u8]) -> Option<(u16, String)> {
    let head = String::from_utf8_lossy(head);
    let line = head.lines().next()?.strip_prefix("HTTP/1.")?;
    let (_, line) = line.split_once(' ')?;
    let code = line.get(..3)?.parse().ok()?;
    Some((code, line.chars().take(100).collect()))
}

/// Host and port of a URL, whether the port is the scheme's own or not.
fn authority(url: &Url) -> String {
    let host = &url[Position::BeforeHost..Position::AfterHost];
    url.port_or_known_default().map_or(host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;

    use super::*;

    fn proxies(variables: &[(&str, &str)]) -> Proxies {
        Proxies::from_env(&|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    /// `-` where there is none, or what is wrong.
    fn of(proxies: &Proxies, url: &str) -> String {
        match proxies.of(&url.parse().unwrap()) {
            Ok(proxy) => proxy.map_or("-".to_owned(), ToString::to_string),
            Err(failure) => format!("{}: {}", failure.class, failure.message),
        }
    }

    #[test]
    fn each_scheme_has_its_variable() {
        for (variables, http, https) in [
            (&[][..], "-", "-"),
            (&[("HTTP_PROXY", "http://p:3128")], "p:3128", "-"),
            (&[("http_proxy", "p:3128")], "p:3128", "-"),
            (&[("HTTP_PROXY", "http://upper:1"), ("http_proxy", "http://lower:1")], "upper:1", "-"),
            (&[("HTTP_PROXY", " "), ("http_proxy", "http://lower:1")], "lower:1", "-"),
            (&[("HTTPS_PROXY", "http://p")], "-", "p:80"),
            (&[("https_proxy", "http://[2001:db8::1]:8080/")], "-", "[2001:db8::1]:8080"),
            (&[("ALL_PROXY", "http://p:3128")], "-", "-"),
            (&[("HTTP_PROXY", "http://evil:1"), ("REQUEST_METHOD", "GET")], "-", "-"),
            (&[("http_proxy", "http://p:1"), ("REQUEST_METHOD", "GET")], "p:1", "-"),
            (&[("HTTP_PROXY", "p:3128"), ("NO_PROXY", "shop.example")], "-", "-"),
            (&[("HTTP_PROXY", "p:3128"), ("no_proxy", "shop.example")], "-", "-"),
        ] {
            let proxies = proxies(variables);
            assert_eq!(of(&proxies, "http://shop.example/"), http, "{variables:?}");
            assert_eq!(of(&proxies, "https://shop.example/"), https, "{variables:?}");
        }
    }

    #[test]
    fn a_variable_that_names_no_proxy_is_told_where_it_is_needed() {
        for (value, told) in [
            (
                "socks5://p:1080",
                "connect: the variable HTTPS_PROXY names a proxy of socks5, which is not supported; use one of http://",
            ),
            (
                "https://p:443",
                "connect: the variable HTTPS_PROXY names a proxy of https, which is not supported; use one of http://",
            ),
            ("http://user:s3cret@", "connect: the variable HTTPS_PROXY is no URL of a proxy; write http://HOST:PORT"),
            ("no proxy", "connect: the variable HTTPS_PROXY is no URL of a proxy; write http://HOST:PORT"),
        ] {
            let proxies = proxies(&[("HTTPS_PROXY", value)]);
            assert_eq!(of(&proxies, "https://shop.example/"), told);
            assert_eq!(of(&proxies, "http://shop.example/"), "-");
            assert_eq!(of(&proxies, "https://localhost/"), "-");
        }
    }

    #[test]
    fn no_proxy_names_what_is_asked_directly() {
        for (list, direct, proxied) in [
            ("", "http://localhost/ http://127.0.0.9:80/ http://[::1]:1/ http://a.localhost/", "http://shop.example/"),
            ("*", "http://shop.example/ http://10.0.0.1/", ""),
            (
                "shop.example",
                "http://shop.example/ http://SHOP.example:81/ http://api.shop.example/",
                "http://badshop.example/ http://shop.example.com/",
            ),
            (".shop.example", "http://api.shop.example/", "http://shop.example/"),
            ("*.shop.example", "http://a.api.shop.example/", "http://shop.example/"),
            ("a.example , B.example:8080", "http://a.example/ http://b.example:8080/", "http://b.example/"),
            ("10.0.0.0/8,2001:db8::/32", "http://10.9.8.7/ http://[2001:db8::9]/", "http://11.0.0.1/ http://ten/"),
            (
                "10.0.0.1,[2001:db8::1]:81,::2",
                "http://10.0.0.1:5/ http://[2001:db8::1]:81/ http://[::2]/",
                "http://[2001:db8::1]/",
            ),
            ("bücher.example", "http://xn--bcher-kva.example/", "http://bucher.example/"),
            ("nonsense:port, , :", "", "http://nonsense/"),
        ] {
            let proxies = proxies(&[("HTTP_PROXY", "p:3128"), ("NO_PROXY", list)]);
            for url in direct.split_whitespace() {
                assert_eq!(of(&proxies, url), "-", "{list}: {url}");
            }
            for url in proxied.split_whitespace() {
                assert_eq!(of(&proxies, url), "p:3128", "{list}: {url}");
            }
        }
    }

    #[test]
    fn credentials_are_sent_and_not_shown() {
        let proxies = proxies(&[("HTTP_PROXY", "http://user:p%40ss@p:3128")]);
        let url = "http://shop.example/".parse().unwrap();
        let proxy = proxies.of(&url).unwrap().unwrap();
        assert_eq!(proxy.authorization.as_ref().unwrap(), "Basic dXNlcjpwQHNz");
        assert!(!format!("{proxies:?}").contains("p%40ss") && !format!("{proxies:?}").contains("dXNlcjp"));
    }

    /// What the proxy answers, and what comes of it.
    #[tokio::test]
    async fn a_tunnel_is_made_or_the_proxy_says_why_not() {
        let url: Url = "https://shop.example/cart".parse().unwrap();
        let text = "http://user:pass@127.0.0.1:3128";
        let proxy = parse(text).unwrap();
        for (answer, told) in [
            ("HTTP/1.1 200 Connection established\r\nVia: p\r\n\r\n", "ok"),
            ("HTTP/1.0 204 OK\r\n\r\n", "ok"),
            (
                "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\nno",
                "connect: the proxy 127.0.0.1:3128 made no tunnel to shop.example:443: 407 Proxy Authentication Required; \
                 write user name and password into HTTPS_PROXY, as http://USER:PASSWORD@127.0.0.1:3128",
            ),
            (
                "HTTP/1.1 502 Bad Gateway\r\n\r\n",
                "connect: the proxy 127.0.0.1:3128 made no tunnel to shop.example:443: 502 Bad Gateway",
            ),
            (
                "SSH-2.0-OpenSSH\r\n\r\n",
                "connect: the proxy 127.0.0.1:3128 made no tunnel to shop.example:443: its answer is no valid HTTP",
            ),
            (
                "HTTP/1.1 200 OK\r\n",
                "connect: the proxy 127.0.0.1:3128 made no tunnel to shop.example:443: it closed the connection",
            ),
            (
                "HTTP/1.1 200 OK\r\n\r\nhello",
                "connect: the proxy 127.0.0.1:3128 made no tunnel to shop.example:443: it sent more than its answer",
            ),
        ] {
            let (mut ours, mut theirs) = duplex(32 * 1024);
            theirs.write_all(answer.as_bytes()).await.unwrap();
            theirs.shutdown().await.unwrap();
            let made = tunnel(&mut ours, &proxy, &url).await;
            let got = made.map_or_else(|failure| format!("{}: {}", failure.class, failure.message), |()| "ok".into());
            assert_eq!(got, told);
            drop(ours);
            let mut asked = String::new();
            theirs.read_to_string(&mut asked).await.unwrap();
            let expected = "CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example:443\r\nUser-Agent: loadgate/";
            assert!(asked.starts_with(expected), "{asked}");
            assert!(asked.ends_with("\r\nProxy-Authorization: Basic dXNlcjpwYXNz\r\n\r\n"), "{asked}");
        }
        let (mut ours, mut theirs) = duplex(1024 * 1024);
        theirs.write_all(&[b'x'; 64 * 1024]).await.unwrap();
        let failure = tunnel(&mut ours, &proxy, &url).await.unwrap_err();
        assert!(failure.message.ends_with("its answer has no end"), "{}", failure.message);
    }
}
