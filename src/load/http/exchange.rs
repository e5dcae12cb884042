//! What one request on one connection comes to.

use http::StatusCode;

use super::Failure;
use super::body::Collector;
use super::h1::Connection;
use super::headers::Headers;

/// The head of an answer, and its body as it came.
pub(super) struct Received {
    pub status: StatusCode,
    pub headers: Headers,
    pub body: Collector,
    /// The connection, if another request may be sent on it.
    pub connection: Option<Connection>,
}

/// An exchange that failed, and its connection with it.
pub(super) struct Broken {
    pub failure: Failure,
    /// Not a byte of the request was written.
    pub unsent: bool,
}
