//! The waiting queue: tokens that are admitted one by one, at a fixed rate.
//!
//! A token carries its own time of admission, signed, as a session token would: the queue keeps one number, however many
//! tokens it has issued.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Length of the signature that a token carries.
const SIGNATURE: usize = 16;

/// Issues tokens and knows who is next. Times are since the start of the service.
pub struct Queue {
    /// Between two admissions, in nanoseconds.
    interval: u64,
    last: Mutex<Last>,
    signer: Hmac<Sha256>,
}

struct Last {
    number: u64,
    /// When the last token issued is admitted, in nanoseconds.
    admission: u64,
}

/// A token's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Counts the tokens of a service, from 1.
    pub number: u64,
    /// When it is admitted, in nanoseconds.
    admission: u64,
}

/// What a holder of a token is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// 0: admitted. 1: next.
    pub position: u64,
    /// Seconds until admission, rounded up.
    pub estimated_waiting_time: u64,
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").field("interval", &self.interval).finish_non_exhaustive()
    }
}

impl Queue {
    /// `admissions_per_second` from one a day to a thousand million; the key signs the tokens.
    pub fn new(admissions_per_second: f64, key: u64) -> Queue {
        let interval = (1e9 / admissions_per_second).clamp(1.0, 86_400e9) as u64;
        let signer = Hmac::new_from_slice(&key.to_le_bytes()).expect("HMAC takes a key of any length");
        Queue { interval, last: Mutex::new(Last { number: 0, admission: 0 }), signer }
    }

    /// A new token, behind all that have been issued.
    pub fn issue(&self, now: Duration) -> (String, Ticket) {
        let ticket = {
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            last.number += 1;
            last.admission = last.admission.max(nanoseconds(now)).saturating_add(self.interval);
            Ticket { number: last.number, admission: last.admission }
        };
        (self.encode(ticket), ticket)
    }

    /// The ticket of a token that this queue has issued; none for any other text.
    pub fn read(&self, token: &str) -> Option<Ticket> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (content, signature) = bytes.split_at_checked(16)?;
        if signature.len() != SIGNATURE {
            return None;
        }
        self.signer.clone().chain_update(content).verify_truncated_left(signature).ok()?;
        let (number, admission) = content.split_at(8);
        Some(Ticket {
            number: u64::from_le_bytes(number.try_into().ok()?),
            admission: u64::from_le_bytes(admission.try_into().ok()?),
        })
    }

    /// Where a ticket stands.
    pub fn standing(&self, ticket: Ticket, now: Duration) -> Standing {
        let wait = ticket.admission.saturating_sub(nanoseconds(now));
        Standing { position: wait.div_ceil(self.interval), estimated_waiting_time: wait.div_ceil(1_000_000_000) }
    }

    fn encode(&self, ticket: Ticket) -> String {
        let mut bytes = [0; 16 + SIGNATURE];
        bytes[..8].copy_from_slice(&ticket.number.to_le_bytes());
        bytes[8..16].copy_from_slice(&ticket.admission.to_le_bytes());
        let signature = self.signer.clone().chain_update(&bytes[..16]).finalize().into_bytes();
        bytes[16..].copy_from_slice(&signature[..SIGNATURE]);
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn positions_count_down_by_time_to_zero() {
        let queue = Queue::new(2.0, 1);
        let tickets: Vec<Ticket> = (0..4).map(|_| queue.issue(at(0)).1).collect();
        let positions = |ms| -> Vec<u64> { tickets.iter().map(|&t| queue.standing(t, at(ms)).position).collect() };
        for (ms, expected) in [
            (0, [1, 2, 3, 4]),
            (499, [1, 2, 3, 4]),
            (500, [0, 1, 2, 3]),
            (1_000, [0, 0, 1, 2]),
            (1_999, [0, 0, 0, 1]),
            (2_000, [0, 0, 0, 0]),
            (60_000, [0, 0, 0, 0]),
        ] {
            assert_eq!(positions(ms), expected, "at {ms} ms");
        }
        assert_eq!(queue.standing(tickets[3], at(0)), Standing { position: 4, estimated_waiting_time: 2 });
    }

    #[test]
    fn an_empty_queue_makes_nobody_wait_for_those_long_admitted() {
        let queue = Queue::new(10.0, 1);
        for _ in 0..50 {
            queue.issue(at(0));
        }
        let (_, late) = queue.issue(at(60_000));
        assert_eq!(queue.standing(late, at(60_000)).position, 1);
        assert_eq!(queue.standing(late, at(60_100)).position, 0);
    }

    #[test]
    fn a_token_reads_back_and_a_forged_one_does_not() {
        let queue = Queue::new(1.0, 1);
        let (token, ticket) = queue.issue(at(0));
        assert_eq!(queue.read(&token), Some(ticket));
        assert_eq!(Queue::new(1.0, 2).read(&token), None, "signed with another key");
        for forged in ["", "x", "not base64!", &token[1..], &token[..token.len() - 2], &"A".repeat(43)] {
            assert_eq!(queue.read(forged), None, "{forged:?}");
        }
        let mut earlier = URL_SAFE_NO_PAD.decode(&token).expect("our own");
        earlier[8..16].fill(0);
        assert_eq!(queue.read(&URL_SAFE_NO_PAD.encode(earlier)), None, "admission moved forward");
    }
}
