//! Addresses that a plan gives to names (k6's option `hosts`), and patterns of names.

use std::net::{IpAddr, SocketAddr};

use url::Host;

/// A name, or every name below one: `shop.example`, `*.shop.example`, `*`. In lower case, as URLs have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamePattern {
    Exact(String),
    /// Names that end in this, which begins with a dot or is empty.
    Below(String),
}

impl NamePattern {
    /// Reads a pattern; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<NamePattern, String> {
        if text == "*" {
            return Ok(NamePattern::Below(String::new()));
        }
        let (below, name) = match text.strip_prefix("*.") {
            Some(name) => (true, name),
            None => (false, text),
        };
        let wrong = || format!("`{text}` is no host name");
        // A URL's own reading: lower case, and international names as DNS has them.
        match Host::parse(name).map_err(|_| wrong())? {
            Host::Domain(name) if name.contains(['*', '%', '$']) || name.is_empty() => Err(wrong()),
            Host::Domain(name) if below => Ok(NamePattern::Below(format!(".{name}"))),
            _ if below => Err(wrong()),
            host => Ok(NamePattern::Exact(host.to_string())),
        }
    }

    /// Whether it is for a host, as URLs have it.
    pub fn matches(&self, host: &str) -> bool {
        match self {
            NamePattern::Exact(name) => host == name,
            NamePattern::Below(suffix) => host.len() > suffix.len() && host.ends_with(suffix.as_str()),
        }
    }

    /// Exact names before patterns, and longer patterns before shorter ones.
    fn rank(&self) -> usize {
        match self {
            NamePattern::Exact(_) => usize::MAX,
            NamePattern::Below(suffix) => suffix.len(),
        }
    }
}

/// One entry: a name, or a name and port, and the address that it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostOverride {
    pub name: NamePattern,
    /// For connections to this port alone.
    pub port: Option<u16>,
    pub to: IpAddr,
    /// In place of the URL's port.
    pub to_port: Option<u16>,
}

impl HostOverride {
    /// Reads an entry such as `*.shop.example` or `shop.example:443`, and `10.0.0.7`, `10.0.0.7:8443` or `[::1]:8443`.
    ///
    /// # Errors
    /// What is wrong with the name, or with the address.
    pub fn parse(name: &str, address: &str) -> Result<HostOverride, HostsError> {
        let (pattern, port) = match name.rsplit_once(':') {
            Some((pattern, port)) if !pattern.contains(':') || pattern.ends_with(']') => {
                let port = port.parse().ok().filter(|port| *port != 0);
                let port = port.ok_or_else(|| HostsError::Name(format!("`{name}` has no valid port")))?;
                (pattern, Some(port))
            }
            _ => (name, None),
        };
        let pattern = NamePattern::parse(pattern).map_err(HostsError::Name)?;
        let bare = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address);
        let (to, to_port) = match (bare.parse::<IpAddr>(), address.parse::<SocketAddr>()) {
            (Ok(to), _) => (to, None),
            (Err(_), Ok(socket)) if socket.port() != 0 => (socket.ip(), Some(socket.port())),
            _ => return Err(HostsError::Address(format!("`{address}` is no IP address, nor one with a port"))),
        };
        Ok(HostOverride { name: pattern, port, to, to_port })
    }
}

/// What of an entry is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostsError {
    Name(String),
    Address(String),
}

/// The addresses that stand for names in place of DNS. They decide where a connection goes, and nothing else: the `Host`
/// header, SNI, cookies and the hosts that the load may touch are those of the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts(Vec<HostOverride>);

impl Hosts {
    /// As in k6, an entry with a port goes before those without, an exact name before patterns, and a longer pattern before
    /// a shorter one.
    pub fn new(mut entries: Vec<HostOverride>) -> Hosts {
        entries.sort_by_key(|entry| std::cmp::Reverse((entry.port.is_some(), entry.name.rank())));
        Hosts(entries)
    }

    /// All entries, those that go before others first.
    pub fn iter(&self) -> impl Iterator<Item = &HostOverride> {
        self.0.iter()
    }

    /// These, and those of the others that name something else.
    pub fn and(&self, others: &Hosts) -> Hosts {
        let same = |one: &HostOverride, other: &HostOverride| (&one.name, one.port) == (&other.name, other.port);
        let more = others.0.iter().filter(|other| !self.0.iter().any(|own| same(own, other)));
        Hosts::new(self.0.iter().chain(more).cloned().collect())
    }

    /// Where a connection to a URL's host and port goes; none: where DNS says.
    pub fn find(&self, host: &str, port: u16) -> Option<SocketAddr> {
        let entry =
            self.0.iter().find(|entry| entry.name.matches(host) && entry.port.is_none_or(|only| only == port))?;
        Some(SocketAddr::new(entry.to, entry.to_port.unwrap_or(port)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(entries: &[(&str, &str)]) -> Hosts {
        Hosts::new(entries.iter().map(|(name, to)| HostOverride::parse(name, to).unwrap()).collect())
    }

    #[test]
    fn the_nearest_entry_decides() {
        let hosts = hosts(&[
            ("*", "10.0.0.9"),
            ("*.shop.example", "10.0.0.2"),
            ("*.eu.shop.example", "10.0.0.3:8080"),
            ("Shop.Example", "10.0.0.1"),
            ("shop.example:8443", "[::1]:9443"),
            ("bücher.example", "::1"),
            ("192.0.2.1", "127.0.0.1"),
            ("[2001:db8::1]:443", "127.0.0.2"),
        ]);
        for (host, port, to) in [
            ("shop.example", 80, "10.0.0.1:80"),
            ("shop.example", 8443, "[::1]:9443"),
            ("api.shop.example", 8443, "10.0.0.2:8443"),
            ("a.b.shop.example", 443, "10.0.0.2:443"),
            ("api.eu.shop.example", 443, "10.0.0.3:8080"),
            ("badshop.example", 443, "10.0.0.9:443"),
            ("xn--bcher-kva.example", 443, "[::1]:443"),
            ("192.0.2.1", 443, "127.0.0.1:443"),
            ("[2001:db8::1]", 443, "127.0.0.2:443"),
            ("[2001:db8::1]", 80, "10.0.0.9:80"),
        ] {
            assert_eq!(hosts.find(host, port).map(|to| to.to_string()).as_deref(), Some(to), "{host} {port}");
        }
    }

    #[test]
    fn the_first_of_two_lists_wins() {
        let both = hosts(&[("a.example", "10.0.0.1")]).and(&hosts(&[("a.example", "10.0.0.2"), ("*", "10.0.0.3")]));
        assert_eq!(both, hosts(&[("a.example", "10.0.0.1"), ("*", "10.0.0.3")]));
    }

    #[test]
    fn other_names_are_left_to_dns() {
        let hosts = hosts(&[("*.shop.example", "10.0.0.2"), ("cdn.example:443", "10.0.0.3")]);
        assert_eq!(hosts.find("shop.example", 443), None, "a pattern is for the names below alone");
        assert_eq!(hosts.find("cdn.example", 80), None);
        assert_eq!(Hosts::default().find("shop.example", 80), None);
    }

    #[test]
    fn what_is_no_entry_is_refused() {
        for (name, to) in [
            ("", "10.0.0.1"),
            ("shop example", "10.0.0.1"),
            ("a.*.example", "10.0.0.1"),
            ("*.10.0.0.1", "10.0.0.1"),
            ("shop.example:http", "10.0.0.1"),
            ("shop.example:0", "10.0.0.1"),
            ("http://shop.example", "10.0.0.1"),
        ] {
            let got = HostOverride::parse(name, to);
            assert!(matches!(got, Err(HostsError::Name(_))), "{name}: {got:?}");
        }
        for to in ["", "localhost", "10.0.0.1:0", "10.0.0.1:http", "10.0.0", "[::1", "other.example:80"] {
            let got = HostOverride::parse("shop.example", to);
            assert!(matches!(got, Err(HostsError::Address(_))), "{to}: {got:?}");
        }
    }
}
