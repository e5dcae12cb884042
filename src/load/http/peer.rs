//! Whom a connection leads to, and what is spoken on it.

use std::net::SocketAddr;

use rustls::{CipherSuite, ProtocolVersion};

/// The other end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerInfo {
    /// The proxy's, where there is one.
    pub address: SocketAddr,
    pub http2: bool,
    /// None without encryption.
    pub tls: Option<(ProtocolVersion, CipherSuite)>,
}

impl PeerInfo {
    pub fn ip(&self) -> String {
        self.address.ip().to_string()
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// As k6 names it.
    pub fn proto(&self) -> &'static str {
        if self.http2 { "HTTP/2.0" } else { "HTTP/1.1" }
    }

    /// As k6 names it; none without encryption.
    pub fn tls_version(&self) -> Option<&'static str> {
        match self.tls?.0 {
            ProtocolVersion::TLSv1_3 => Some("tls1.3"),
            _ => Some("tls1.2"),
        }
    }

    /// The name that IANA has registered; none without encryption.
    pub fn tls_cipher_suite(&self) -> Option<String> {
        // rustls sets the suites of TLS 1.3 apart by a prefix of its own.
        Some(format!("{:?}", self.tls?.1).replace("TLS13_", "TLS_"))
    }
}
