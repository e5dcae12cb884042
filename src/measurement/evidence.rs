//! The first failures of each request and class, kept so that a report can show what went wrong.

use serde::{Deserialize, Serialize};

/// One failed request, secrets masked and the body shortened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The request's name.
    pub request: String,
    /// What failed: an error class, a status, a check or a capture.
    pub class: String,
    pub method: String,
    pub url: String,
    pub request_headers: Vec<(String, String)>,
    /// At most 1 kB.
    pub request_body: Option<String>,
    pub status: Option<u16>,
    pub response_headers: Vec<(String, String)>,
    /// The first kB of the answer.
    pub response_body: Option<String>,
    /// The cause in words.
    pub message: String,
    /// Since the start of the load, in milliseconds.
    pub at_ms: u64,
}
