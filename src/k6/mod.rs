//! k6 scripts as a second front end: a script's options become a plan, its functions virtual users.

pub mod api;
pub mod gjson;
pub mod options;
pub mod results;
pub mod row;
pub mod source;
pub mod summary;
