//! Connections that this machine refuses itself: the generator's failures, not the target's.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::measurement::Exhausted;

/// What a machine may have no more of when a connection is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    Descriptors,
    Ports,
    Memory,
}

impl Resource {
    /// What was missing where a connection to the address failed with this error; none where the failure is not this
    /// machine's.
    pub fn missing(error: &io::Error, address: SocketAddr) -> Option<Resource> {
        match error.raw_os_error() {
            Some(EMFILE | ENFILE) => Some(Resource::Descriptors),
            Some(ENOBUFS | ENOMEM) => Some(Resource::Memory),
            _ if error.kind() == io::ErrorKind::AddrNotAvailable && has_source(address) => Some(Resource::Ports),
            _ => None,
        }
    }
}

// The same on Linux and the BSDs, but for ENOBUFS.
const ENOMEM: i32 = 12;
const ENFILE: i32 = 23;
const EMFILE: i32 = 24;
const ENOBUFS: i32 = if cfg!(target_os = "linux") { 105 } else { 55 };

/// Whether this machine has an address of its own from which it could reach this one. Without (IPv6 switched off) the
/// kernel gives the same error as without a free port. A UDP socket tells: it sends nothing.
fn has_source(address: SocketAddr) -> bool {
    let any: SocketAddr = match address {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    UdpSocket::bind(any).and_then(|socket| socket.connect(address)).is_ok()
}

/// Counts them over all workers. Nothing touches it while all is well.
#[derive(Debug, Default)]
pub(super) struct Exhaustion {
    descriptors: AtomicU64,
    ports: AtomicU64,
    memory: AtomicU64,
}

impl Exhaustion {
    pub fn count(&self, resource: Resource) {
        let counter = match resource {
            Resource::Descriptors => &self.descriptors,
            Resource::Ports => &self.ports,
            Resource::Memory => &self.memory,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// What was counted since it was last taken, without the limits.
    pub fn take(&self) -> Exhausted {
        let [descriptors, ports, memory] =
            [&self.descriptors, &self.ports, &self.memory].map(|counter| counter.swap(0, Ordering::Relaxed));
        Exhausted { descriptors, ports, memory, ..Exhausted::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machines_own_limits_are_its_failures() {
        let here: SocketAddr = "127.0.0.1:9".parse().unwrap();
        // Of documentation: no interface has an address of this kind and scope.
        let nowhere: SocketAddr = "[fe80::1%9999]:9".parse().unwrap();
        let unavailable = || io::Error::from(io::ErrorKind::AddrNotAvailable);
        for (error, address, missing) in [
            (io::Error::from_raw_os_error(EMFILE), here, Some(Resource::Descriptors)),
            (io::Error::from_raw_os_error(ENFILE), here, Some(Resource::Descriptors)),
            (io::Error::from_raw_os_error(ENOBUFS), here, Some(Resource::Memory)),
            (io::Error::from_raw_os_error(ENOMEM), here, Some(Resource::Memory)),
            (unavailable(), here, Some(Resource::Ports)),
            (unavailable(), nowhere, None),
            (io::ErrorKind::ConnectionRefused.into(), here, None),
            (io::ErrorKind::NetworkUnreachable.into(), here, None),
            (io::ErrorKind::TimedOut.into(), here, None),
        ] {
            assert_eq!(Resource::missing(&error, address), missing, "{error} {address}");
        }
    }

    #[test]
    fn what_was_counted_is_taken_once() {
        let exhaustion = Exhaustion::default();
        exhaustion.count(Resource::Descriptors);
        exhaustion.count(Resource::Ports);
        exhaustion.count(Resource::Ports);
        assert_eq!(exhaustion.take(), Exhausted { descriptors: 1, ports: 2, ..Exhausted::default() });
        assert_eq!(exhaustion.take(), Exhausted::default());
    }
}
