//! k6 scripts as a second front end: a script's options become a plan, its functions virtual users.
//!
//! [`Script::open`] reads one: its modules ([`source`]), its init context, its options ([`options`]). [`StepsOrScript`] is what a
//! measurement is made of then. Every virtual user has a world of its own ([`vm`]), whose native side ([`host`]) reaches the
//! modules of k6 ([`api`]) and, through the event loop ([`drive`]), the engine's HTTP client.

pub mod api;
mod bracket;
pub mod console;
mod drive;
mod environment;
mod error_code;
pub mod gjson;
mod handle_summary;
pub mod host;
mod json;
mod known;
mod language;
mod operations;
pub mod options;
pub mod program;
pub mod results;
pub mod row;
pub mod run;
pub mod samples;
pub mod script;
mod setup_data;
pub mod source;
pub mod summary;
mod tags;
mod url_map;
mod user;
mod vm;
mod watch;
mod workload;

pub use handle_summary::Written;
pub use script::{Given, Script};
pub use workload::StepsOrScript;
