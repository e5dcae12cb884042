//! What the benches stand on: pinned processes, the server that is loaded, the facts of the machine, and tables.
//!
//! Each bench uses a part of it.
#![allow(dead_code)]

pub mod cores;
pub mod loadgate;
pub mod machine;
pub mod nginx;
pub mod process;
pub mod statistics;
pub mod table;
pub mod target;
