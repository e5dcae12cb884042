//! The load engine: pacing, workers and virtual users, and the HTTP client that measures them.

pub mod arm;
pub mod http;
pub mod steps;
pub mod pacer;
pub mod user;

pub use arm::Arm;
pub use user::{Context, VirtualUser, VirtualUsers};
