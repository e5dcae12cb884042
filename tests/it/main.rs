//! The real binary against real servers on free loopback ports.

mod bad_files;
mod bad_plans;
mod bad_targets;
mod baseline;
mod calibrate;
mod compare;
mod encryption;
mod forks;
mod gate;
mod github;
mod history;
mod hosts;
mod http2;
mod hub;
#[cfg(unix)]
mod killed;
#[cfg(target_os = "linux")]
mod limits;
mod nightly;
mod paired;
mod policy;
mod preview;
mod repeat;
mod replay;
mod samples;
mod schedule;
mod scripts;
mod secrets;
mod servers;
mod shards;
#[cfg(target_os = "linux")]
mod stopping;
mod writing;
