//! When the frames of one stream crossed the connection.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Instant;

use bytes::{Buf, Bytes};

use crate::measurement::Phases;

/// The stamps of one stream. Those of the answer are the connection's last read before the stream was told of it, so that a
/// busy worker adds nothing to them.
#[derive(Debug)]
pub(in crate::load::http) struct Clock {
    /// The request was handed to the connection, a stream being free.
    begun: Instant,
    /// Its last frame was written.
    written: Cell<Option<Instant>>,
    /// The frame of the answer's head was read.
    answered: Cell<Option<Instant>>,
    /// The frame that ends the answer was read.
    ended: Cell<Option<Instant>>,
}

impl Clock {
    pub fn new(begun: Instant) -> Clock {
        Clock { begun, written: Cell::default(), answered: Cell::default(), ended: Cell::default() }
    }

    pub fn written(&self, at: Instant) {
        self.written.set(Some(at));
    }

    pub fn answered(&self, at: Option<Instant>) {
        self.answered.set(at);
    }

    pub fn ended(&self, at: Option<Instant>) {
        self.ended.set(at);
    }

    /// The request was not written whole.
    pub fn is_sending(&self) -> bool {
        self.written.get().is_none()
    }

    /// Fills in what follows the connection's phases; they add up to the time from the beginning to the end of the answer
    /// or, if it is not complete, until `now`.
    pub fn fill(&self, phases: &mut Phases, complete: bool, now: Instant) {
        let end = self.ended.get().filter(|_| complete).unwrap_or(now).max(self.begun);
        let written = self.written.get().map_or(end, |written| written.clamp(self.begun, end));
        // A server may begin to answer before it has read the whole request: then nobody waited.
        let answered = self.answered.get().map_or(end, |answered| answered.clamp(written, end));
        phases.sending = written - self.begun;
        phases.waiting = answered - written;
        phases.receiving = end - answered;
    }
}

/// A request's body, which stamps the moment when its last byte is taken to be written.
pub(super) struct Payload {
    bytes: Bytes,
    clock: Rc<Clock>,
}

impl Payload {
    pub fn new(bytes: Bytes, clock: Rc<Clock>) -> Payload {
        Payload { bytes, clock }
    }
}

impl Buf for Payload {
    fn remaining(&self) -> usize {
        self.bytes.len()
    }

    fn chunk(&self) -> &[u8] {
        &self.bytes
    }

    fn advance(&mut self, count: usize) {
        self.bytes.advance(count);
        if self.bytes.is_empty() {
            self.clock.written(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// `written answered ended` in milliseconds after the beginning, whether the answer is complete, and the phases
    /// `sending waiting receiving` at 9 ms.
    #[test]
    fn phases_cover_the_time_from_the_beginning_to_the_end() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        for (name, [written, answered, ended], complete, expected) in [
            ("an answer", [Some(2), Some(5), Some(8)], true, [2, 3, 3]),
            ("an answer in one frame", [Some(0), Some(5), Some(5)], true, [0, 5, 0]),
            ("answered while still sending", [Some(6), Some(4), Some(7)], true, [6, 0, 1]),
            ("answered whole while still sending", [None, Some(4), Some(6)], true, [6, 0, 0]),
            ("a body that can't be decoded", [Some(2), Some(5), Some(8)], false, [2, 3, 4]),
            ("gave up while receiving", [Some(2), Some(5), None], false, [2, 3, 4]),
            ("gave up while waiting", [Some(2), None, None], false, [2, 7, 0]),
            ("gave up while sending", [None, None, None], false, [9, 0, 0]),
        ] {
            let clock = Clock::new(start);
            clock.written.set(written.map(at));
            clock.answered(answered.map(at));
            clock.ended(ended.map(at));
            let mut phases = Phases::default();
            clock.fill(&mut phases, complete, at(9));
            let got = [phases.sending, phases.waiting, phases.receiving].map(|phase| phase.as_millis() as u64);
            assert_eq!(got, expected, "{name}");
        }
    }

    #[test]
    fn a_body_is_written_when_its_last_byte_is_taken() {
        let clock = Rc::new(Clock::new(Instant::now()));
        let mut payload = Payload::new(Bytes::from_static(b"seat"), clock.clone());
        payload.advance(3);
        assert!(clock.is_sending());
        payload.advance(1);
        assert!(!clock.is_sending() && !payload.has_remaining());
    }
}
