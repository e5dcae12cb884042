//! One request's outcome. A failed request is data, never an error of loadgate's.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Why a request got no complete response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ErrorClass {
    /// The name could not be resolved.
    Dns,
    /// No TCP connection: refused, unreachable, no free port.
    Connect,
    /// The TLS handshake failed.
    Tls,
    /// The request's time limit passed.
    Timeout,
    /// The connection was closed or reset before the answer began.
    Reset,
    /// The answer was no HTTP, or broke its rules.
    Protocol,
    /// The answer's body broke off, was too large to decode, or could not be decoded.
    Body,
    /// A redirect or a URL led to a host that the plan doesn't allow: not sent.
    Host,
}

impl ErrorClass {
    /// Every class, by its index in a tally.
    pub const ALL: [ErrorClass; 8] = [
        ErrorClass::Dns,
        ErrorClass::Connect,
        ErrorClass::Tls,
        ErrorClass::Timeout,
        ErrorClass::Reset,
        ErrorClass::Protocol,
        ErrorClass::Body,
        ErrorClass::Host,
    ];

    /// The name that tags and reports use.
    pub fn name(self) -> &'static str {
        match self {
            ErrorClass::Dns => "dns",
            ErrorClass::Connect => "connect",
            ErrorClass::Tls => "tls",
            ErrorClass::Timeout => "timeout",
            ErrorClass::Reset => "reset",
            ErrorClass::Protocol => "protocol",
            ErrorClass::Body => "body",
            ErrorClass::Host => "host",
        }
    }
}

impl fmt::Display for ErrorClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How long the parts of a request took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases {
    /// Waiting for a connection: DNS, connect and TLS included; zero on a reused one.
    pub blocked: Duration,
    pub connecting: Duration,
    pub tls_handshaking: Duration,
    pub sending: Duration,
    /// From the last byte written to the first byte read.
    pub waiting: Duration,
    pub receiving: Duration,
}

impl Phases {
    /// `http_req_duration`.
    pub fn duration(&self) -> Duration {
        self.sending + self.waiting + self.receiving
    }
}

/// One request, or one hop of a redirect.
#[derive(Clone, Copy, Debug)]
pub struct HttpSample {
    pub phases: Phases,
    /// None where no answer came.
    pub status: Option<u16>,
    pub error: Option<ErrorClass>,
    /// An answer came whole and its status was expected.
    pub expected: bool,
    /// Bytes written and read on the network.
    pub sent: u64,
    pub received: u64,
    /// For a time-out: its limit, which enters the latency.
    pub limit: Duration,
    /// How late the iteration began; none but for arrival-rate executors.
    pub schedule_lag: Option<Duration>,
}

impl HttpSample {
    /// The response time that enters the latency: the phases' for a complete answer, the limit for a time-out, none for
    /// every other failure.
    pub fn duration(&self) -> Option<Duration> {
        match self.error {
            None => Some(self.phases.duration()),
            Some(ErrorClass::Timeout) => Some(self.limit),
            Some(_) => None,
        }
    }
}

/// How an iteration ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IterationEnd {
    Complete,
    /// By a `stop` step, an exhausted poll or retry, or exhausted data: complete, and counted under the reason.
    Stopped(Arc<str>),
    /// By a `fail` step, a failed capture or template: complete, and counted as an error under the reason.
    Failed(Arc<str>),
    /// Cut off when its time was over.
    Interrupted,
}
