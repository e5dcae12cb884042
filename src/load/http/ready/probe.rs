//! The requests of the readiness check. They take the way of the load: its addresses, proxies, TLS and version of HTTP.

use std::error::Error;
use std::future::ready;
use std::io;
use std::iter;
use std::net::SocketAddr;
use std::time::SystemTime;

use http::header::{COOKIE, HOST};
use http::{HeaderMap, HeaderValue, StatusCode, Version};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use url::{Host, Position, Url};

use crate::dns::{LookupError, Resolver};
use crate::load::http::cookies::Jar;
use crate::load::http::proxy::Proxy;
use crate::load::http::request::OUR_USER_AGENT;
use crate::load::http::tls::protocols;
use crate::load::http::{Client, Failure, Headers, failure};
use crate::measurement::ErrorClass;
use crate::plan::target::HttpVersion;

/// Asks one origin, each time on a connection of its own.
pub(super) struct Probe {
    http: reqwest::Client,
    proxy: Option<Proxy>,
    version: HttpVersion,
    /// Asked in place of the URL's host and port, where a resolver can't say so.
    detour: Option<SocketAddr>,
    /// Sent with every request.
    headers: HeaderMap,
}

/// An answer that came to its end.
pub(super) struct Reply {
    pub status: StatusCode,
    pub headers: Headers,
}

impl Probe {
    /// For the URL's origin.
    ///
    /// # Errors
    /// The URL can't be asked on the way that the plan and the environment want.
    pub fn new(client: &Client, url: &Url, headers: &HeaderMap) -> Result<Probe, Failure> {
        let settings = &client.settings;
        let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default());
        let proxy = client.proxy(url)?.cloned();
        let place = settings.hosts.find(host, port).filter(|_| proxy.is_none());
        let detour = place.filter(|place| !is_resolvable(url, *place));
        let mut headers = headers.clone();
        if detour.is_some() && !headers.contains_key(HOST) {
            headers.insert(HOST, of_host(url)?);
        }
        let version = version(settings.http_version, url, detour, &headers)?;
        let mut tls = (**client.tls.config(host)).clone();
        tls.alpn_protocols = protocols(version);
        let names = Names { resolver: settings.resolver.clone(), place };
        let builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(names)
            .redirect(Policy::none())
            .pool_max_idle_per_host(0)
            .user_agent(OUR_USER_AGENT);
        let builder = match version {
            HttpVersion::Two if url.scheme() == "http" => builder.http2_prior_knowledge(),
            HttpVersion::One => builder.http1_only(),
            HttpVersion::Auto | HttpVersion::Two => builder,
        };
        let http = match &proxy {
            None => builder.no_proxy().build(),
            Some(proxy) => through(client, proxy).and_then(|proxy| builder.proxy(proxy).build()),
        };
        let http = http.map_err(|error| Failure::new(ErrorClass::Protocol, root(&error).to_string()))?;
        Ok(Probe { http, proxy, version, detour, headers })
    }

    /// Asks for a URL of the origin. The error says in words what came in place of an answer.
    pub async fn ask(&self, url: &Url, cookies: &Jar) -> Result<Reply, String> {
        let mut headers = self.headers.clone();
        if let Some(cookies) = cookies.header(url, SystemTime::now()) {
            let own = headers.get(COOKIE).and_then(|own| own.to_str().ok());
            let all = own.map_or(cookies.clone(), |own| format!("{own}; {cookies}"));
            headers.extend(HeaderValue::try_from(all).ok().map(|all| (COOKIE, all)));
        }
        let request = self.http.get(self.place(url)).headers(headers);
        let told = |error: reqwest::Error| self.told(&error, url);
        let mut response = request.send().await.map_err(told)?;
        if self.version == HttpVersion::Two && response.version() != Version::HTTP_2 {
            return Err(failure::no_http2(url.host_str().unwrap_or_default()).message);
        }
        while response.chunk().await.map_err(told)?.is_some() {}
        Ok(Reply { status: response.status(), headers: std::mem::take(response.headers_mut()).into() })
    }

    /// The URL that leads to the place of the detour.
    fn place(&self, url: &Url) -> Url {
        let mut url = url.clone();
        if let Some(place) = self.detour {
            // They fail only for URLs without a host. A name stays, for the certificate is that of the name.
            if !is_named(&url) {
                let _ = url.set_ip_host(place.ip());
            }
            let _ = url.set_port(Some(place.port()));
        }
        url
    }

    /// What a request that failed tells a user: the innermost cause, which he can do something about.
    fn told(&self, error: &reqwest::Error, url: &Url) -> String {
        let host = url.host_str().unwrap_or_default();
        let mut causes = iter::successors(error.source(), |cause| (*cause).source());
        let known = causes.find_map(|cause| {
            if let Some(lookup) = cause.downcast_ref::<LookupError>() {
                return Some(lookup.to_string());
            }
            let cause = cause.downcast_ref::<io::Error>()?;
            if failure::tls_cause(cause).is_some() {
                return Some(failure::handshaking(cause, host).message);
            }
            let first = self.proxy.as_ref().map_or_else(|| authority(&self.place(url)), Proxy::to_string);
            let refused = cause.kind() == io::ErrorKind::ConnectionRefused;
            refused.then(|| format!("{first} refused the connection: nothing listens there"))
        });
        let told = known.unwrap_or_else(|| root(error).to_string());
        match &self.proxy {
            Some(proxy) if error.is_connect() => format!("by the proxy {proxy}: {told}"),
            _ => told,
        }
    }
}

/// Whether a resolver can send a URL's connections to a place. It is asked for names only, and a port that the URL names
/// stays.
fn is_resolvable(url: &Url, place: SocketAddr) -> bool {
    is_named(url) && url.port().is_none_or(|port| port == place.port())
}

fn is_named(url: &Url) -> bool {
    matches!(url.host(), Some(Host::Domain(_)))
}

/// The version to ask by. By HTTP/2 reqwest asks the URL's host for itself, by HTTP/1.1 for any `Host`.
fn version(
    wanted: HttpVersion,
    url: &Url,
    detour: Option<SocketAddr>,
    headers: &HeaderMap,
) -> Result<HttpVersion, Failure> {
    let refused = |why: &str| Failure::new(ErrorClass::Protocol, format!("{why}, or leave target.ready out"));
    if detour.is_some() && url.scheme() == "https" && !is_named(url) {
        return Err(refused("target.hosts gives the address of a URL of https another: name the host in the URL"));
    }
    match wanted {
        HttpVersion::Two if detour.is_some() => {
            Err(refused("target.hosts leads to another port than the URL's, and HTTP/2 can't say so: use one port"))
        }
        HttpVersion::Two if headers.contains_key(HOST) => {
            Err(refused("HTTP/2 is asked for the URL's host alone: take `host` out of target.headers"))
        }
        _ if headers.contains_key(HOST) => Ok(HttpVersion::One),
        wanted => Ok(wanted),
    }
}

/// The proxy, at the address that the plan gives it.
fn through(client: &Client, proxy: &Proxy) -> reqwest::Result<reqwest::Proxy> {
    let place = client.settings.hosts.find(&proxy.host, proxy.port);
    let place = place.map_or_else(|| proxy.to_string(), |place| place.to_string());
    let through = reqwest::Proxy::all(format!("http://{place}"))?;
    Ok(match &proxy.authorization {
        Some(authorization) => through.custom_http_auth(authorization.clone()),
        None => through,
    })
}

/// Host and port as the URL has them.
fn authority(url: &Url) -> String {
    url[Position::BeforeHost..Position::AfterPort].to_owned()
}

fn of_host(url: &Url) -> Result<HeaderValue, Failure> {
    HeaderValue::try_from(authority(url)).map_err(|error| Failure::new(ErrorClass::Protocol, error.to_string()))
}

/// The cause behind all layers.
fn root<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    iter::successors(Some(error), |error| (*error).source()).last().unwrap_or(error)
}

/// The addresses of names: the plan's, else the load's resolver's.
struct Names {
    resolver: Resolver,
    /// Of the origin.
    place: Option<SocketAddr>,
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        if let Some(place) = self.place {
            return Box::pin(ready(Ok(Box::new(iter::once(place)) as Addrs)));
        }
        let resolver = self.resolver.clone();
        Box::pin(async move {
            let found = resolver.lookup(name.as_str()).await?;
            // The port is the URL's.
            Ok(Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}
