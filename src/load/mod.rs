//! The load engine: pacing, workers and virtual users, and the HTTP client that measures them.

pub mod arm;
mod attendance;
pub mod cohort;
mod collector;
pub mod engine;
pub mod executor;
mod extension;
pub mod fit;
pub mod http;
pub mod layout;
pub mod limits;
pub mod machine;
pub mod measure;
pub mod needs;
pub mod pacer;
pub mod part;
mod pulse;
pub mod signal;
pub mod steps;
mod timer;
pub mod user;
mod warmup;
mod worker;
mod workload;

pub use arm::{Arm, ArmError};
pub use engine::{EngineError, Finished, PairOrder, Settings, default_workers};
pub use measure::{Event, Job, MeasureError, ReferenceJob, contract, measure, mode};
pub use pacer::Shard;
pub use part::Part;
pub use signal::Stop;
pub use user::{Context, VirtualUser, VirtualUsers};
pub use workload::{Deployed, Steps, Workload};
