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

    /// The proxy for a URL as people may see it, with the variable that names it; none where it is asked without one, or
    /// where the variable names no proxy that can be used, which is told when it is.
    pub fn named(&self, url: &Url) -> Option<String> {
        let variable = self.setting(url)?.variable;
        Some(format!("{} ({variable})", self.of(url).ok()??))
    }

    fn setting(&self, url: &Url) -> Option<&Setting> {
        match url.scheme() {
            "https" => self.https.as_ref(),
            _ => self.http.as_ref(),
        }
    }

    /// The proxy for a URL; none where it is asked without one. Localhost and loopback addresses always are.
    ///
    /// # Errors
    /// The variable for the URL's scheme names no proxy that can be used.
    pub(super) fn of(&self, url: &Url) -> Result<Option<&Proxy>, Failure> {
        let (Some(setting), Some(host), Some(port)) = (self.setting(url), url.host(), url.port_or_known_default())
        else {
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
mod tests;
