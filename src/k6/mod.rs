//! k6 scripts as a second front end: a script's options become a plan, its functions virtual users.
pub mod source;
