//! Where a connection leads.

use url::Url;

/// The scheme, host and port of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    scheme: Box<str>,
    host: Box<str>,
    port: Option<u16>,
}

impl Origin {
    pub fn of(url: &Url) -> Origin {
        Origin {
            scheme: url.scheme().into(),
            host: url.host_str().unwrap_or_default().into(),
            port: url.port_or_known_default(),
        }
    }

    /// Whether it is the URL's, told without copying that.
    pub fn is_of(&self, url: &Url) -> bool {
        url.host_str() == Some(&self.host) && url.port_or_known_default() == self.port && url.scheme() == &*self.scheme
    }
}
