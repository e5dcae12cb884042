//! loadgate runs a declared HTTP load test against a deployment, judges what it measured against thresholds and a
//! baseline, and reports the verdict on the pull request.
//!
//! The data flows one way: `plan → load → measurement → gate → report → github`. `tests/layers.rs` holds the modules to
//! that order.

pub mod baseline;
pub mod cli;
pub mod commands;
pub mod delay;
pub mod demo;
pub mod dns;
pub mod gate;
pub mod github;
pub mod k6;
pub mod load;
pub mod measurement;
pub mod metric;
pub mod number;
pub mod pairing;
pub mod plan;
pub mod report;
pub mod timer;
