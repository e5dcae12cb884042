//! What a script says of its load, in the plan's words: scenarios, thresholds, metrics, and how it sends requests. Whoever
//! reads scripts makes it; the plan knows nothing of their language.

use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::CustomMetric;
use super::hosts::{Hosts, NamePattern};
use super::pem::PemSource;
use super::scenario::Scenario;
use super::target::{TlsAuth, TlsVersions};
use super::threshold::Threshold;

/// A script, read: its options are checked, and its defaults filled in.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// Where it is, as it is shown.
    pub path: String,
    /// Hash of what its requests do, in hexadecimal: of the script and all that it reads.
    pub digest: String,
    /// At least one; the work of each is [`super::Work::Script`]. They are not scaled, and no submetric is known yet.
    pub scenarios: Vec<Scenario>,
    /// In the order of the options; no submetric is known yet.
    pub thresholds: Vec<Threshold>,
    /// Metrics that the script makes in its init code, in their order.
    pub metrics: Vec<CustomMetric>,
    /// Longest time of `setup`, where the script exports it and nothing switches it off.
    pub setup: Option<Duration>,
    /// Likewise of `teardown`.
    pub teardown: Option<Duration>,
    pub network: Network,
    pub requests: RequestOptions,
    pub summary: SummaryOptions,
    /// Tags of every sample of the run (`tags`).
    pub tags: Vec<(Arc<str>, Arc<str>)>,
    /// The system tags that samples carry; k6's default ones where none.
    pub system_tags: Option<Vec<String>>,
    /// Origins (`https://host:port`) that the script's text names.
    pub origins: Vec<String>,
    /// What can't work, or is left out, although nothing is wrong.
    pub warnings: Vec<String>,
}

/// Where a script's connections go, and how. The plan's target has what counts of it, which is less where the plan is held to
/// base's; only what is refused (`block_hostnames`, `blacklist_ips`) is nowhere else.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Addresses that stand for names in place of DNS (`hosts`).
    pub hosts: Hosts,
    /// Names that no request may go to (`blockHostnames`).
    pub block_hostnames: Vec<NamePattern>,
    /// Addresses that no connection may go to (`blacklistIPs`).
    pub blacklist_ips: Vec<IpRange>,
    /// TLS verification is off (`insecureSkipTLSVerify`).
    pub insecure_skip_tls_verify: bool,
    /// The versions of TLS that may be spoken, if the script says so.
    pub tls_versions: Option<TlsVersions>,
    /// Certificates of our own, for servers that ask for one (`tlsAuth`).
    pub tls_auth: Vec<ClientCertificate>,
    /// Every request on a connection of its own.
    pub no_connection_reuse: bool,
    /// Connections are not kept between iterations.
    pub no_vu_connection_reuse: bool,
}

/// A certificate of our own, with its text (`tlsAuth`).
#[derive(Clone)]
pub struct ClientCertificate {
    /// Where in the options it is.
    pub place: String,
    /// The servers it is for; empty for all.
    pub domains: Vec<NamePattern>,
    /// In PEM.
    pub cert: Bytes,
    /// In PEM, not encrypted.
    pub key: Bytes,
}

impl fmt::Debug for ClientCertificate {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCertificate").field("place", &self.place).finish_non_exhaustive()
    }
}

impl ClientCertificate {
    /// As the plan's target has it.
    pub fn tls_auth(&self) -> TlsAuth {
        let file = |part: &str, content: &Bytes| {
            let path = format!("{}.{part}", self.place);
            PemSource::File { path, content: content.clone() }
        };
        TlsAuth { domains: self.domains.clone(), cert: file("cert", &self.cert), key: file("key", &self.key) }
    }
}

/// A block of addresses: `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IpRange {
    pub address: IpAddr,
    /// Leading bits that an address shares with the block's.
    pub prefix: u8,
}

impl IpRange {
    /// Reads `10.0.0.0/8`, `fd00::/8`.
    pub fn parse(text: &str) -> Option<IpRange> {
        let (address, prefix) = text.split_once('/')?;
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let digits = !prefix.is_empty() && prefix.chars().all(|c| c.is_ascii_digit());
        let prefix = prefix.parse().ok().filter(|prefix| digits && *prefix <= most)?;
        Some(IpRange { address, prefix })
    }

    /// Whether an address is one of the block. An IPv4 address that is written as an IPv6 one is the same address.
    pub fn contains(self, address: IpAddr) -> bool {
        let bits = |address: IpAddr| match address {
            IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
            IpAddr::V6(address) => address.to_bits(),
        };
        let prefix = if self.address.is_ipv4() { 96 + self.prefix } else { self.prefix };
        let same_family = self.address.to_canonical().is_ipv4() == address.to_canonical().is_ipv4();
        same_family && (bits(self.address) ^ bits(address)).leading_zeros() >= prefix.into()
    }
}

/// What every request of a script does unless the script says otherwise at the request.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestOptions {
    /// Bodies are read and thrown away (`discardResponseBodies`).
    pub discard_response_bodies: bool,
    /// The header `User-Agent`, where the script sets one; an empty one is not sent.
    pub user_agent: Option<String>,
    /// A request that fails throws (`throw`).
    pub throw: bool,
    /// Redirects followed at most: 10 by default.
    pub max_redirects: u32,
    /// Requests of one `http.batch` at once: 20 by default.
    pub batch: u32,
    /// Of those to one host, 0 for no limit: 6 by default.
    pub batch_per_host: u32,
    /// Requests a second of the whole run, at most.
    pub rps: Option<u32>,
    /// Cookies are kept from one iteration of a virtual user to the next.
    pub no_cookies_reset: bool,
    /// An iteration that is shorter is followed by a pause.
    pub min_iteration_duration: Option<Duration>,
}

impl Default for RequestOptions {
    /// k6's.
    fn default() -> Self {
        RequestOptions {
            discard_response_bodies: false,
            user_agent: None,
            throw: false,
            max_redirects: 10,
            batch: 20,
            batch_per_host: 6,
            rps: None,
            no_cookies_reset: false,
            min_iteration_duration: None,
        }
    }
}

/// What `handleSummary` is given and k6's summary shows.
#[derive(Clone, Debug, PartialEq)]
pub struct SummaryOptions {
    /// `avg`, `min`, `med`, `max`, `count`, `p(95)`.
    pub trend_stats: Vec<String>,
    /// `s`, `ms` or `us`; by the value's size where none.
    pub time_unit: Option<String>,
    /// Longest time of `handleSummary`: 2m by default.
    pub timeout: Duration,
}

impl Default for SummaryOptions {
    /// k6's.
    fn default() -> Self {
        SummaryOptions {
            trend_stats: ["avg", "min", "med", "max", "p(90)", "p(95)"].map(str::to_owned).to_vec(),
            time_unit: None,
            timeout: Duration::from_secs(120),
        }
    }
}

/// Reads the script that a gate file names.
///
/// It is given the script's path: that which the gate file writes, beneath the gate file's folder.
pub type ScriptReader<'a> = dyn Fn(&Path) -> Result<Script, Vec<ScriptError>> + 'a;

/// What is wrong with a script.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct ScriptError {
    /// The place in the script, where it is known, and what is wrong.
    pub problem: String,
    /// What to write instead; may be empty.
    pub help: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_of_addresses_is_read_and_asked() {
        for (block, address, inside) in [
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.1.2.3/8", "10.200.0.1", true),
            ("0.0.0.0/0", "192.0.2.1", true),
            ("0.0.0.0/0", "::1", false),
            ("192.0.2.7/32", "192.0.2.7", true),
            ("192.0.2.7/32", "192.0.2.8", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("fd00::/8", "fd12::1", true),
            ("fd00::/8", "fe80::1", false),
            ("::ffff:10.0.0.0/104", "10.1.2.3", true),
            ("::/0", "2001:db8::1", true),
            ("::/0", "10.0.0.1", false),
            ("::1/128", "::1", true),
        ] {
            let range = IpRange::parse(block).unwrap();
            assert_eq!(range.contains(address.parse().unwrap()), inside, "{block} {address}");
        }
        for wrong in ["10.0.0.1", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "10.0/8", "host/8", "", "::/129"] {
            assert_eq!(IpRange::parse(wrong), None, "{wrong}");
        }
    }
}
