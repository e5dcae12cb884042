//! What a running script asks of the event loop, and what it is told.

use std::time::Duration;

use crate::k6::api::http::send::{Answered, Sending};

/// A script waits until this is done; other virtual users run meanwhile.
#[expect(clippy::vec_box, reason = "each request of a batch goes its own way, and moving a box is cheaper")]
pub enum Ask {
    /// Let others run: this script has been busy for a while.
    Pause,
    Sleep(Duration),
    Send(Box<Sending>),
    /// Requests at once; so many at most, and so many of one host.
    Batch {
        requests: Vec<Box<Sending>>,
        at_once: usize,
        of_a_host: usize,
    },
    /// Until one of the operations that were started has ended.
    Any,
}

/// The answer to an [`Ask`].
#[expect(clippy::vec_box, reason = "they are handed on one by one")]
pub enum Told {
    /// It is done, or may begin.
    Go,
    Answered(Box<Answered>),
    Batch(Vec<Box<Answered>>),
    /// An operation that was started has ended.
    Ended(u32, Box<Ended>),
    /// The iteration's time is over: nothing is done any more.
    Cut,
}

/// An operation that goes on while the script does.
pub enum Operation {
    Timer(Duration),
    Send(Box<Sending>),
}

/// How it ended.
pub enum Ended {
    Timer,
    Answered(Box<Answered>),
}
