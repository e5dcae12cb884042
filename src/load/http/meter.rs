//! When the bytes of an exchange crossed the network, and how many.

use std::cell::{Cell, OnceCell};
use std::sync::Arc;
use std::time::Instant;

use crate::measurement::Phases;

use super::peer::PeerInfo;

/// One connection's stamps and counts since they were last taken. The stream writes them, the connection reads them; both
/// live on one thread.
#[derive(Debug, Default)]
pub(super) struct Meter {
    /// Bytes on the network: under TLS.
    sent: Cell<u64>,
    received: Cell<u64>,
    first_write: Cell<Option<Instant>>,
    last_write: Cell<Option<Instant>>,
    /// Of plain text: TLS session tickets, which come when the server likes, are no answer.
    first_read: Cell<Option<Instant>>,
    last_read: Cell<Option<Instant>>,
    /// The last write did not take all: the network or the server is slow to accept the request.
    write_blocked: Cell<bool>,
    closing: Cell<bool>,
    /// Set once the connection is open.
    pub peer: OnceCell<Arc<PeerInfo>>,
}

impl Meter {
    /// Begins an exchange: forgets the stamps, but not the counts, so that what crossed between two exchanges is counted
    /// with the second.
    pub fn begin(&self) {
        self.first_write.set(None);
        self.last_write.set(None);
        self.first_read.set(None);
        self.last_read.set(None);
        self.write_blocked.set(false);
    }

    /// Bytes sent and received since the last call.
    pub fn take_bytes(&self) -> (u64, u64) {
        (self.sent.take(), self.received.take())
    }

    pub fn before_write(&self) {
        if self.first_write.get().is_none() {
            self.first_write.set(Some(Instant::now()));
        }
    }

    pub fn wrote(&self, bytes: usize) {
        self.sent.set(self.sent.get() + bytes as u64);
        if !self.closing.get() {
            self.last_write.set(Some(Instant::now()));
            self.write_blocked.set(false);
        }
    }

    /// What is written from now on (TLS says goodbye) is no request.
    pub fn closing(&self) {
        self.closing.set(true);
    }

    pub fn write_would_block(&self) {
        self.write_blocked.set(true);
    }

    pub fn read_from_network(&self, bytes: usize) {
        self.received.set(self.received.get() + bytes as u64);
    }

    /// Plain text was read, or its end (`bytes` = 0), which ends a body without a length.
    pub fn read(&self, bytes: usize) {
        let now = Instant::now();
        if bytes > 0 && self.first_read.get().is_none() {
            self.first_read.set(Some(now));
        }
        self.last_read.set(Some(now));
    }

    pub fn answer_began(&self) -> bool {
        self.first_read.get().is_some()
    }

    pub fn is_sending(&self) -> bool {
        self.first_write.get().is_none() || self.write_blocked.get()
    }

    /// When the last byte was read: the end of a complete answer.
    pub fn last_read(&self) -> Option<Instant> {
        self.last_read.get()
    }

    /// Fills in what follows the connection's phases. `end` is the moment of the last byte, or of the failure; sending,
    /// waiting and receiving add up to the time from the first write to it.
    pub fn fill(&self, phases: &mut Phases, end: Instant) {
        let Some(first_write) = self.first_write.get() else { return };
        let written = match self.last_write.get() {
            Some(last_write) if !self.write_blocked.get() => last_write.min(end),
            _ => end,
        };
        // A server may begin to answer before it has read the whole request: then nobody waited.
        let answered = self.first_read.get().map_or(end, |first_read| first_read.clamp(written, end));
        phases.sending = written.saturating_duration_since(first_write);
        phases.waiting = answered - written;
        phases.receiving = end - answered;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// `first_write last_write first_read last_read` in milliseconds, whether a write was blocked, the end, and the
    /// phases `sending waiting receiving` that follow.
    #[test]
    fn phases_cover_the_time_from_the_first_write_to_the_end() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        for (name, stamps, blocked, end, expected) in [
            ("an answer", [Some(1), Some(3), Some(10), Some(14)], false, 14, [2, 7, 4]),
            ("an answer in one read", [Some(1), Some(1), Some(5), Some(5)], false, 5, [0, 4, 0]),
            ("answered while still sending", [Some(0), Some(8), Some(4), Some(9)], false, 9, [8, 0, 1]),
            ("answered whole while still sending", [Some(0), Some(8), Some(4), Some(6)], false, 6, [6, 0, 0]),
            ("gave up while waiting", [Some(1), Some(3), None, None], false, 9, [2, 6, 0]),
            ("gave up while receiving", [Some(1), Some(3), Some(4), Some(5)], false, 9, [2, 1, 5]),
            ("gave up while sending", [Some(1), Some(3), None, None], true, 9, [8, 0, 0]),
            ("gave up before the first byte went out", [Some(1), None, None, None], true, 9, [8, 0, 0]),
            ("never connected", [None, None, None, None], false, 9, [0, 0, 0]),
        ] {
            let [first_write, last_write, first_read, last_read] = stamps.map(|stamp| stamp.map(at));
            let meter = Meter {
                first_write: Cell::new(first_write),
                last_write: Cell::new(last_write),
                first_read: Cell::new(first_read),
                last_read: Cell::new(last_read),
                write_blocked: Cell::new(blocked),
                ..Meter::default()
            };
            let mut phases = Phases::default();
            meter.fill(&mut phases, at(end));
            let got = [phases.sending, phases.waiting, phases.receiving].map(|phase| phase.as_millis() as u64);
            assert_eq!(got, expected, "{name}");
        }
    }
}
