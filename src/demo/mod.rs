//! The demo API: a small concert reservation service to try loadgate on, with a queue, seats that are fought over, and the
//! latency of a real service. It also has what the other examples load: a board and the six APIs of a mentoring service.
//!
//! It is a real service, not a script of answers: a seat that two want goes to one, and none is ever sold twice
//! ([`Server::audit`]).

mod catalog;
mod latency;
mod mentoring;
mod queue;
mod routes;
mod sales;
mod server;
mod service;

#[cfg(test)]
mod margin;
#[cfg(test)]
mod tests;

pub use latency::{Endpoint, Latency};
pub use sales::Audit;
pub use server::{Server, Stats, serve};
pub use service::{Settings, response_time};

/// The plan that `loadgate demo` runs.
pub const PLAN: &str = include_str!("plan.yml");
