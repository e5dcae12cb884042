//! The load engine: pacing, workers and virtual users, and the HTTP client that measures them.

pub mod arm;
mod collector;
pub mod engine;
pub mod executor;
pub mod http;
pub mod steps;
pub mod layout;
pub mod machine;
pub mod pacer;
pub mod signal;
mod timer;
pub mod user;
mod worker;

pub use engine::{EngineError, Finished, Settings};
pub use pacer::Shard;
pub use signal::Stop;
pub use arm::{Arm, ArmError};
pub use user::{Context, VirtualUser, VirtualUsers};
