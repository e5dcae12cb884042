//! How connections to GitHub are made.

use std::error::Error as StdError;
use std::fmt;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tower::{Service, ServiceExt as _};

use crate::dns::Resolver;

use super::error::Error;

/// The proxy that servers are asked through by HTTPS, and those that need none. Plain HTTP goes without one.
#[derive(Clone, Default)]
pub struct Proxies {
    https: Option<String>,
    exempt: Option<String>,
}

impl Proxies {
    /// Reads `HTTPS_PROXY` and `NO_PROXY`, or the same in lower case.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Proxies {
        let first = |names: [&str; 2]| names.into_iter().find_map(&variable);
        Proxies { https: first(["HTTPS_PROXY", "https_proxy"]), exempt: first(["NO_PROXY", "no_proxy"]) }
    }

    fn matcher(&self) -> Matcher {
        let builder = Matcher::builder().https(self.https.clone().unwrap_or_default());
        builder.no(self.exempt.clone().unwrap_or_default()).build()
    }
}

impl fmt::Debug for Proxies {
    /// Without the proxy's password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxies").field("https", &self.https.is_some()).finish_non_exhaustive()
    }
}

/// Names by hickory, TLS by rustls with the system's roots, or the bundled ones where a bare container has none.
pub fn connector(proxies: &Proxies) -> Result<HttpsConnector<Route>, Error> {
    let invalid = |cause: rustls::Error| Error::Invalid { what: "the TLS configuration", cause: cause.to_string() };
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(invalid)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut http = HttpConnector::new_with_resolver(Resolver::from_system());
    http.enforce_http(false);
    http.set_connect_timeout(Some(Duration::from_secs(10)));
    let route = Route { direct: http, proxies: Arc::new(proxies.matcher()) };
    Ok(HttpsConnectorBuilder::new().with_tls_config(config).https_or_http().enable_http1().wrap_connector(route))
}

/// A connection to a server, or to the proxy before it, which is asked for a tunnel.
#[derive(Clone)]
pub struct Route {
    direct: HttpConnector<Resolver>,
    proxies: Arc<Matcher>,
}

type Cause = Box<dyn StdError + Send + Sync>;

impl Service<Uri> for Route {
    type Response = TokioIo<TcpStream>;
    type Error = Cause;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Cause>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Cause>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, server: Uri) -> Self::Future {
        let direct = self.direct.clone();
        match self.proxies.intercept(&server).filter(|_| !is_local(&server)) {
            Some(proxy) => Box::pin(tunnel(direct, proxy, server)),
            None => Box::pin(async move { Ok(direct.oneshot(server).await?) }),
        }
    }
}

async fn tunnel(direct: HttpConnector<Resolver>, proxy: Intercept, server: Uri) -> Result<TokioIo<TcpStream>, Cause> {
    let at = proxy.uri().clone();
    // Told without its credentials.
    let name = at.authority().map_or_else(String::new, |authority| authority.as_str().to_owned());
    let name = name.rsplit('@').next().unwrap_or_default();
    if at.scheme_str() != Some("http") {
        let scheme = at.scheme_str().unwrap_or("no scheme");
        return Err(format!("HTTPS_PROXY names a proxy of {scheme}, which is not supported; use one of http://").into());
    }
    let mut tunnel = Tunnel::new(at, direct);
    if let Some(authorization) = proxy.basic_auth() {
        tunnel = tunnel.with_auth(authorization.clone());
    }
    tunnel.oneshot(server).await.map_err(|cause| {
        let mut deepest: &dyn StdError = &cause;
        while let Some(deeper) = deepest.source() {
            deepest = deeper;
        }
        format!("the proxy {name} (HTTPS_PROXY) gave no connection: {deepest}").into()
    })
}

/// This machine itself is never asked through a proxy.
fn is_local(server: &Uri) -> bool {
    let host = server.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(https: &str, exempt: &str) -> Proxies {
        let variables = [("HTTPS_PROXY", https), ("no_proxy", exempt)];
        let set = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Proxies::read(|name| set(name).filter(|value| !value.is_empty()))
    }

    #[test]
    fn github_is_asked_through_the_proxy_for_https_unless_it_is_exempt() {
        for (https, exempt, server, expected) in [
            ("http://proxy.example:3128", "", "https://api.github.com/x", Some("http://proxy.example:3128/")),
            ("proxy.example:3128", "", "https://api.github.com/x", Some("http://proxy.example:3128/")),
            ("http://proxy.example:3128", "github.com,10.0.0.0/8", "https://api.github.com/x", None),
            ("http://proxy.example:3128", "10.0.0.0/8", "https://10.1.2.3/api/v3", None),
            ("http://proxy.example:3128", "*", "https://api.github.com/x", None),
            ("http://proxy.example:3128", "", "http://ghes.example/api/v3", None),
            ("", "", "https://api.github.com/x", None),
        ] {
            let through = proxies(https, exempt).matcher().intercept(&server.parse().unwrap());
            assert_eq!(through.map(|proxy| proxy.uri().to_string()).as_deref(), expected, "{https} {exempt} {server}");
        }
    }

    #[test]
    fn this_machine_is_asked_directly() {
        for (server, local) in [
            ("https://localhost:8443/x", true),
            ("https://127.0.0.1/x", true),
            ("https://[::1]:1/x", true),
            ("https://api.github.com/x", false),
            ("https://10.0.0.1/x", false),
        ] {
            assert_eq!(is_local(&server.parse().unwrap()), local, "{server}");
        }
    }

    #[tokio::test]
    async fn a_proxy_that_gives_no_connection_is_named_without_its_password() {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        for (proxy, expected) in [
            (
                format!("http://user:s3cret@{closed}"),
                format!("the proxy {closed} (HTTPS_PROXY) gave no connection: Connection refused"),
            ),
            (
                "socks5://user:s3cret@proxy.example".to_owned(),
                "HTTPS_PROXY names a proxy of socks5, which is not supported; use one of http://".to_owned(),
            ),
        ] {
            let proxies = proxies(&proxy, "");
            assert!(!format!("{proxies:?}").contains("s3cret"));
            let connector = connector(&proxies).unwrap();
            let Err(error) = connector.oneshot("https://api.github.example/".parse().unwrap()).await else {
                panic!("connected through {proxy}")
            };
            let said = error.to_string();
            assert!(said.starts_with(&expected), "{said}");
        }
    }
}
