//! A reverse proxy on the loopback address that makes a deployment slower by a known amount, whatever it is written in.
//!
//! Calibration puts one before each arm: with no delay before the one, with some before the other, so that the proxy itself
//! is no difference between them. Clients speak HTTP/1.1 or HTTP/2 with prior knowledge to it, without TLS; it speaks
//! HTTP/1.1 to the deployment.

mod forward;
mod headers;
mod pace;
mod proxy;
mod upstream;

#[cfg(test)]
mod tests;

use std::time::Duration;

pub use proxy::{Proxy, Stats};
pub use upstream::Upstream;

/// What is added to the time of each request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Delay {
    /// Nothing: the answer is passed on as it comes.
    None,
    /// A share of the time that the deployment took, 0.1 for 10 %: as if all of its work were slower.
    Share(f64),
    /// The same for every request, before the first byte of its answer.
    Fixed(Duration),
}
