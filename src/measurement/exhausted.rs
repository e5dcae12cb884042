//! Connections that the load generator's own machine refused.

use serde::{Deserialize, Serialize};

/// Connections that could not be opened because the machine that generates the load had no more of something. They count
/// as failed requests of class `connect`, but the target never heard of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exhausted {
    /// Without a file descriptor: the process's limit, or the system's.
    pub descriptors: u64,
    /// Without a free local port to this address of the target.
    pub ports: u64,
    /// Without memory for the socket.
    pub memory: u64,
    /// The process's limit of open files; none where the platform can't tell.
    pub open_files: Option<u64>,
    /// Local ports that a connection may take; none where the platform can't tell.
    pub local_ports: Option<u64>,
}

impl Exhausted {
    /// All connections that were refused.
    pub fn connections(&self) -> u64 {
        self.descriptors + self.ports + self.memory
    }

    /// Adds another machine's figures. The limits are the smaller ones.
    pub fn merge(&mut self, other: &Exhausted) {
        let smaller = |a: Option<u64>, b: Option<u64>| a.into_iter().chain(b).min();
        self.descriptors += other.descriptors;
        self.ports += other.ports;
        self.memory += other.memory;
        self.open_files = smaller(self.open_files, other.open_files);
        self.local_ports = smaller(self.local_ports, other.local_ports);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_add_up_and_the_smaller_limit_stands() {
        let mut sum = Exhausted { descriptors: 3, open_files: Some(1024), ..Exhausted::default() };
        sum.merge(&Exhausted { ports: 2, memory: 1, open_files: Some(512), local_ports: Some(28_232), descriptors: 0 });
        assert_eq!(sum.connections(), 6);
        assert_eq!((sum.open_files, sum.local_ports), (Some(512), Some(28_232)));
    }
}
