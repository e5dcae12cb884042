//! The real binary against real servers on free loopback ports.

mod bad_plans;
mod bad_targets;
mod gate;
mod servers;
