//! Name resolution without the C library, so that a static binary resolves names in a bare container.
//!
//! A static glibc can't load the plug-ins (NSS) that its resolver needs. On Linux, [`Resolver`] reads `/etc/resolv.conf` and
//! `/etc/hosts` itself and asks by hickory. Every HTTP client of the program takes it: the load path and reqwest's resolver
//! for the readiness check call [`Resolver::lookup`], a hyper-util connector takes it as its resolver.

use std::collections::HashMap;
use std::fmt;
#[cfg(target_os = "linux")]
use std::fs;
use std::future::{Future, ready};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use std::vec;

use hickory_resolver::config::{LookupIpStrategy, ResolveHosts, ResolverConfig, ResolverOpts};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::rr::{Name, RecordType};
#[cfg(target_os = "linux")]
use hickory_resolver::system_conf::parse_resolv_conf;
use hickory_resolver::{Hosts, TokioResolver};
use hyper_util::client::legacy::connect::dns as hyper_dns;
use tower::Service;

/// Where the name servers are written down.
#[cfg(target_os = "linux")]
const NAME_SERVERS: &str = "/etc/resolv.conf";
#[cfg(not(target_os = "linux"))]
const NAME_SERVERS: &str = "the system's network settings";

/// A lookup takes at most this long, retries and search domains included.
const LIMIT: Duration = Duration::from_secs(5);

/// One query to one server takes at most this long, whatever resolv.conf says: two tries fit into [`LIMIT`].
const QUERY_LIMIT: Duration = Duration::from_secs(2);

/// An answer is kept for its TTL, but at least this long: a TTL of 0 must not turn every connection of a load test into a
/// query. A failure is kept as long, so that virtual users that start together fail together and not one after another.
const SHORTEST_TTL: Duration = Duration::from_secs(1);

/// Turns host names into addresses. Cheap to clone; clones share the cache.
#[derive(Clone)]
pub struct Resolver {
    shared: Arc<Shared>,
}

struct Shared {
    /// The name servers, or why there are none: said only when a name must be resolved.
    servers: Result<(ResolverConfig, ResolverOpts), String>,
    hosts: Hosts,
    cache: Mutex<HashMap<Box<str>, Arc<CacheSlot>>>,
}

/// One name's answer. Locked while it is being looked up, so that lookups of one name at once make one query.
type CacheSlot = tokio::sync::Mutex<Option<CacheEntry>>;

struct CacheEntry {
    result: Result<Vec<IpAddr>, LookupError>,
    valid_until: Instant,
}

/// Why a name has no addresses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    #[error("no such host: DNS knows no address for `{host}`; check the name")]
    NotFound { host: String },
    #[error("`{host}` is no valid host name: {cause}")]
    InvalidName { host: String, cause: String },
    #[error("`{host}` can't be resolved: {cause}; name a DNS server in {NAME_SERVERS} or use an IP address")]
    NoServers { host: String, cause: String },
    #[error("`{host}` was not resolved within {} s: the DNS servers of {NAME_SERVERS} don't answer", LIMIT.as_secs())]
    Timeout { host: String },
    #[error("`{host}` was not resolved: {cause}")]
    Failed { host: String, cause: String },
}

#[cfg(target_os = "linux")]
fn name_servers() -> Result<(ResolverConfig, ResolverOpts), String> {
    fs::read(NAME_SERVERS)
        .map_err(|error| format!("{NAME_SERVERS}: {error}"))
        .and_then(|text| parse_resolv_conf(text).map_err(|error| format!("{NAME_SERVERS}: {error}")))
}

/// Windows has no such file, and that of macOS is not what its programs go by.
#[cfg(not(target_os = "linux"))]
fn name_servers() -> Result<(ResolverConfig, ResolverOpts), String> {
    hickory_resolver::system_conf::read_system_conf().map_err(|error| format!("{NAME_SERVERS}: {error}"))
}

impl Resolver {
    /// A resolver with the system's name servers and hosts file, read once.
    ///
    /// A system without them (a bare container) is no error: IP addresses and `localhost` need neither, and a lookup of
    /// any other name then says what is missing.
    pub fn from_system() -> Resolver {
        Resolver::new(name_servers(), Hosts::from_system().unwrap_or_default())
    }

    /// A resolver that asks nobody, for tests.
    #[cfg(test)]
    pub(crate) fn offline() -> Resolver {
        Resolver::new(Err("no resolv.conf".into()), Hosts::default())
    }

    /// A resolver that asks one server, by UDP and for what doesn't fit by TCP, for tests.
    #[cfg(test)]
    pub(crate) fn asking(address: SocketAddr) -> Resolver {
        use hickory_resolver::config::{ConnectionConfig, NameServerConfig};
        let mut server = NameServerConfig::udp(address.ip());
        server.connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
        for connection in &mut server.connections {
            connection.port = address.port();
        }
        let config = ResolverConfig::from_parts(None, vec![], vec![server]);
        Resolver::new(Ok((config, ResolverOpts::default())), Hosts::default())
    }

    fn new(servers: Result<(ResolverConfig, ResolverOpts), String>, hosts: Hosts) -> Resolver {
        let servers = servers.map(|(config, mut options)| {
            options.timeout = options.timeout.min(QUERY_LIMIT);
            options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
            options.use_hosts_file = ResolveHosts::Never;
            // The cache is ours: hickory's connections belong to the runtime that made them, and runtimes end before us.
            options.cache_size = 0;
            (config, options)
        });
        Resolver { shared: Arc::new(Shared { servers, hosts, cache: Mutex::default() }) }
    }

    /// The addresses of a host, IPv4 first (k6's `preferIPv4`), at least one.
    ///
    /// An IP address (IPv6 with or without brackets) stands for itself and `localhost` for both loopback addresses. Then
    /// the hosts file is asked, then DNS; its answers are kept for their TTL.
    pub async fn lookup(&self, host: &str) -> Result<Vec<IpAddr>, LookupError> {
        if let Some(addresses) = without_dns(host) {
            return Ok(addresses);
        }
        let name = Name::from_utf8(host)
            .map_err(|error| LookupError::InvalidName { host: host.into(), cause: error.to_string() })?;
        if let Some(addresses) = self.in_hosts_file(&name) {
            return Ok(addresses);
        }
        let slot = self.cache_slot(host);
        let mut entry = slot.lock().await;
        if let Some(entry) = entry.as_ref().filter(|entry| Instant::now() < entry.valid_until) {
            return entry.result.clone();
        }
        entry.insert(self.query(host, name).await).result.clone()
    }

    fn in_hosts_file(&self, name: &Name) -> Option<Vec<IpAddr>> {
        let addresses: Vec<IpAddr> = [RecordType::A, RecordType::AAAA]
            .into_iter()
            .filter_map(|kind| self.shared.hosts.lookup_static_host(&Query::query(name.clone(), kind)))
            .flat_map(|found| found.answers().iter().filter_map(|record| record.data.ip_addr()).collect::<Vec<_>>())
            .collect();
        (!addresses.is_empty()).then_some(addresses)
    }

    fn cache_slot(&self, host: &str) -> Arc<CacheSlot> {
        let mut cache = self.shared.cache.lock().unwrap_or_else(PoisonError::into_inner);
        match cache.get(host) {
            Some(slot) => slot.clone(),
            None => cache.entry(host.into()).or_default().clone(),
        }
    }

    async fn query(&self, host: &str, name: Name) -> CacheEntry {
        let shortest = |now: Instant| now + SHORTEST_TTL;
        let answer = match &self.shared.servers {
            Ok((config, options)) => tokio::time::timeout(LIMIT, ask(config, options, name)).await,
            Err(cause) => {
                let error = LookupError::NoServers { host: host.into(), cause: cause.clone() };
                return CacheEntry { result: Err(error), valid_until: shortest(Instant::now()) };
            }
        };
        let now = Instant::now();
        let error = match answer {
            Ok(Ok((addresses, valid_until))) if !addresses.is_empty() => {
                return CacheEntry { result: Ok(addresses), valid_until: valid_until.max(shortest(now)) };
            }
            Ok(Ok(_)) => LookupError::NotFound { host: host.into() },
            Ok(Err(error)) if error.is_no_records_found() => LookupError::NotFound { host: host.into() },
            Err(_) | Ok(Err(NetError::Timeout)) => LookupError::Timeout { host: host.into() },
            Ok(Err(error)) => LookupError::Failed { host: host.into(), cause: error.to_string() },
        };
        CacheEntry { result: Err(error), valid_until: shortest(now) }
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver").field("servers", &self.shared.servers).finish_non_exhaustive()
    }
}

/// What needs no resolver: IP addresses, and `localhost` with its subdomains (RFC 6761, section 6.3).
fn without_dns(host: &str) -> Option<Vec<IpAddr>> {
    let literal = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    if let Ok(address) = IpAddr::from_str(literal) {
        return Some(vec![address]);
    }
    let last_label = host.trim_end_matches('.').rsplit('.').next()?;
    last_label
        .eq_ignore_ascii_case("localhost")
        .then(|| vec![IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)])
}

async fn ask(config: &ResolverConfig, options: &ResolverOpts, name: Name) -> Result<(Vec<IpAddr>, Instant), NetError> {
    let resolver = TokioResolver::builder_with_config(config.clone(), TokioRuntimeProvider::default())
        .with_options(options.clone())
        .build()?;
    let found = resolver.lookup_ip(name).await?;
    Ok((found.iter().collect(), found.valid_until()))
}

/// Addresses without a port, as connectors expect them.
pub type Addresses = std::iter::Map<vec::IntoIter<IpAddr>, fn(IpAddr) -> SocketAddr>;

fn addresses(found: Vec<IpAddr>) -> Addresses {
    found.into_iter().map(|address| SocketAddr::new(address, 0))
}

/// For `hyper_util`'s `HttpConnector::new_with_resolver`.
impl Service<hyper_dns::Name> for Resolver {
    type Response = Addresses;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Addresses>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: hyper_dns::Name) -> Self::Future {
        if let Some(found) = without_dns(name.as_str()) {
            return Box::pin(ready(Ok(addresses(found))));
        }
        let resolver = self.clone();
        Box::pin(async move {
            resolver
                .lookup(name.as_str())
                .await
                .map(addresses)
                .map_err(|error| io::Error::new(io::ErrorKind::NotFound, error))
        })
    }
}

#[cfg(test)]
pub(crate) mod bad_servers;

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use hickory_resolver::proto::op::{Message, ResponseCode};
    use hickory_resolver::proto::rr::{RData, Record};
    use tokio::net::UdpSocket;

    use super::*;

    fn without_servers(hosts_file: &str) -> Resolver {
        let mut hosts = Hosts::default();
        hosts.read_hosts_conf(hosts_file.as_bytes()).unwrap();
        Resolver::new(Err("/etc/resolv.conf: not found".into()), hosts)
    }

    /// A DNS server that answers as `records` says and counts the queries.
    async fn serve(
        ttl: u32,
        records: impl Fn(&str, RecordType) -> Vec<RData> + Send + 'static,
    ) -> (SocketAddr, Arc<AtomicUsize>) {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let queries = Arc::new(AtomicUsize::new(0));
        let counter = queries.clone();
        tokio::spawn(async move {
            let mut buffer = [0; 1024];
            while let Ok((length, peer)) = socket.recv_from(&mut buffer).await {
                let question = Message::from_vec(&buffer[..length]).unwrap();
                counter.fetch_add(1, Ordering::SeqCst);
                let query = question.queries[0].clone();
                let mut answer = Message::response(question.metadata.id, question.metadata.op_code);
                answer.metadata.recursion_available = true;
                let name = query.name().to_string().to_lowercase();
                let found = records(&name, query.query_type());
                if found.is_empty() && !name.starts_with("only-v6.") {
                    answer.metadata.response_code = ResponseCode::NXDomain;
                }
                for data in found {
                    answer.add_answer(Record::from_rdata(query.name().clone(), ttl, data));
                }
                answer.add_query(query);
                socket.send_to(&answer.to_vec().unwrap(), peer).await.unwrap();
            }
        });
        (address, queries)
    }

    fn concert(name: &str, kind: RecordType) -> Vec<RData> {
        match (name, kind) {
            ("concert.example.", RecordType::A) => vec![RData::A("192.0.2.1".parse().unwrap())],
            ("concert.example." | "only-v6.example.", RecordType::AAAA) => {
                vec![RData::AAAA("2001:db8::1".parse().unwrap())]
            }
            _ => vec![],
        }
    }

    fn ips(texts: &[&str]) -> Result<Vec<IpAddr>, LookupError> {
        Ok(texts.iter().map(|text| text.parse().unwrap()).collect())
    }

    #[tokio::test]
    async fn addresses_localhost_and_the_hosts_file_need_no_server() {
        let resolver = without_servers("192.0.2.7 preview.internal\n2001:db8::7 preview.internal # both\n");
        for (host, expected) in [
            ("127.0.0.1", &["127.0.0.1"][..]),
            ("::1", &["::1"]),
            ("[2001:db8::1]", &["2001:db8::1"]),
            ("localhost", &["127.0.0.1", "::1"]),
            ("LOCALHOST.", &["127.0.0.1", "::1"]),
            ("api.localhost", &["127.0.0.1", "::1"]),
            ("preview.internal", &["192.0.2.7", "2001:db8::7"]),
            ("Preview.Internal", &["192.0.2.7", "2001:db8::7"]),
        ] {
            assert_eq!(resolver.lookup(host).await, ips(expected), "{host}");
        }
    }

    #[tokio::test]
    async fn a_name_without_a_server_says_what_is_missing() {
        let error = without_servers("").lookup("preview.example").await.unwrap_err();
        insta::assert_snapshot!(error, @"`preview.example` can't be resolved: /etc/resolv.conf: not found; name a DNS server in /etc/resolv.conf or use an IP address");
    }

    #[tokio::test]
    async fn an_invalid_name_is_refused_without_a_query() {
        let error = without_servers("").lookup(&"x".repeat(64)).await.unwrap_err();
        assert!(matches!(error, LookupError::InvalidName { .. }), "{error}");
    }

    #[tokio::test]
    async fn both_families_are_asked_and_answers_are_kept() {
        let (server, queries) = serve(60, concert).await;
        let resolver = Resolver::asking(server);
        let both = ips(&["192.0.2.1", "2001:db8::1"]);
        let (first, second) = tokio::join!(resolver.lookup("concert.example"), resolver.lookup("concert.example"));
        assert_eq!(first, both);
        assert_eq!(second, both);
        assert_eq!(resolver.clone().lookup("concert.example").await, both);
        assert_eq!(queries.load(Ordering::SeqCst), 2, "one query for each family, however many lookups");
        assert_eq!(resolver.lookup("only-v6.example").await, ips(&["2001:db8::1"]));
    }

    #[tokio::test]
    async fn an_unknown_name_is_not_found_and_the_failure_is_kept_for_a_moment() {
        let (server, queries) = serve(60, concert).await;
        let resolver = Resolver::asking(server);
        let expected = LookupError::NotFound { host: "no-such.example".into() };
        assert_eq!(resolver.lookup("no-such.example").await, Err(expected.clone()));
        let asked = queries.load(Ordering::SeqCst);
        assert_eq!(resolver.lookup("no-such.example").await, Err(expected));
        assert_eq!(queries.load(Ordering::SeqCst), asked);
    }

    #[tokio::test]
    async fn an_answer_outlives_the_runtime_that_asked() {
        let (server, _) = serve(0, concert).await;
        let resolver = Resolver::asking(server);
        let elsewhere = resolver.clone();
        tokio::task::spawn_blocking(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(elsewhere.lookup("concert.example")).unwrap();
        })
        .await
        .unwrap();
        tokio::time::sleep(SHORTEST_TTL).await;
        assert!(resolver.lookup("concert.example").await.is_ok(), "asked anew, by this runtime");
    }

    #[tokio::test]
    async fn it_is_a_resolver_for_hyper_util() {
        let mut resolver = without_servers("192.0.2.7 preview.internal\n");
        let expected = vec![SocketAddr::from(([192, 0, 2, 7], 0))];
        let name = hyper_dns::Name::from_str("preview.internal").unwrap();
        assert_eq!(resolver.call(name).await.unwrap().collect::<Vec<_>>(), expected);
    }
}
