//! One deployment under load, with everything its virtual users share.

use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};

use http::{HeaderName, HeaderValue};
use minijinja::Value;
use url::Url;

/// The candidate or the reference. Its virtual users share it and belong to no other.
#[derive(Debug)]
pub struct Arm {
    /// Scheme, host and port; paths of the plan are joined to it.
    pub origin: Url,
    /// Sent to this arm's origin alone.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Hosts besides the origin's that the load may touch.
    pub allowed_hosts: Vec<String>,
    /// What the setup captured and collected, by name; set once, before the scenarios.
    pub shared: OnceLock<HashMap<Arc<str>, Value>>,
    /// The next row of each data set that is picked `unique`, by the set's index.
    pub cursors: Vec<AtomicU64>,
    /// The run's seed; every virtual user derives its own stream from it and its number.
    pub seed: u64,
}
