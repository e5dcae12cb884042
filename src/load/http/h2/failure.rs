//! From the errors of HTTP/2 to the classes of a failed request.

use ::h2::{Error, Reason};
use http::StatusCode;
use http::uri::Scheme;

use super::H2;
use super::tap::Pulse;
use crate::load::http::Failure;
use crate::measurement::ErrorClass;

/// An exchange that failed.
pub(in crate::load::http) struct Broken {
    pub failure: Failure,
    pub loss: Loss,
}

/// What failed with it, and what the server has seen of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::load::http) enum Loss {
    /// The server has not processed the request: it was not written, or the server says so.
    Unprocessed,
    /// The connection ended before the answer began, on a connection that had served others.
    Connection,
    /// This stream alone, or nothing that another attempt would mend.
    Stream,
}

/// A request that can't be put into HTTP/2.
impl From<Failure> for Broken {
    fn from(failure: Failure) -> Broken {
        Broken { failure, loss: Loss::Stream }
    }
}

impl Broken {
    fn new(class: ErrorClass, message: impl Into<String>, loss: Loss) -> Broken {
        Broken { failure: Failure::new(class, message), loss }
    }
}

/// The connection was made, but not even the first bytes of HTTP/2 could be sent.
pub(super) fn opening(error: &Error, pulse: &Pulse) -> Failure {
    pulse.broken().unwrap_or_else(|| Failure::new(ErrorClass::Reset, format!("the connection broke: {error}")))
}

/// The request was refused by our own side: the connection is gone, or the request is none in HTTP/2.
pub(super) fn unsent(error: &Error, connection: &H2) -> Broken {
    if error.is_io() || error.is_go_away() || error.is_reset() {
        let failure = cause(error, connection, "before the request was sent");
        return Broken { failure, loss: Loss::Unprocessed };
    }
    Broken::new(ErrorClass::Protocol, format!("the request can't be sent by HTTP/2: {error}"), Loss::Stream)
}

/// The answer did not begin. `first`: the connection has not served another request.
pub(super) fn before_head(error: &Error, connection: &H2, first: bool) -> Broken {
    let reason = error.reason().filter(|_| error.is_remote());
    let unprocessed = match reason {
        Some(Reason::REFUSED_STREAM) => true,
        // It names the streams that were processed, and this is none of them. A server that finds fault with the first
        // request of a connection would do so again (Go's rule).
        Some(reason) => error.is_go_away() && (reason == Reason::NO_ERROR || !first),
        None => false,
    };
    let loss = match unprocessed {
        true => Loss::Unprocessed,
        false if error.is_io() && !first => Loss::Connection,
        false => Loss::Stream,
    };
    Broken { failure: cause(error, connection, "without an answer"), loss }
}

/// The head had come, but the body did not come whole.
pub(super) fn in_body(error: &Error, connection: &H2, status: StatusCode, received: u64) -> Broken {
    let cause = cause(error, connection, "before its end");
    let class = if cause.class == ErrorClass::Protocol { ErrorClass::Protocol } else { ErrorClass::Body };
    let message = format!("the body broke off after {received} bytes: {}", cause.message);
    let failure = Failure { status: Some(status), ..Failure::new(class, message) };
    Broken { failure, loss: Loss::Stream }
}

/// What went wrong, of this stream or of its connection; `place` is where an end without a word came.
fn cause(error: &Error, connection: &H2, place: &str) -> Failure {
    let Some(reason) = error.reason() else { return connection_end(connection, place) };
    let named = name(reason);
    if error.is_remote() {
        return Failure::new(
            ErrorClass::Reset,
            match error.is_go_away() {
                true => format!("the server ended the connection (GOAWAY): {}", go_away(error, &named)),
                false => format!("the server reset the stream: {named}{}", cure(reason)),
            },
        );
    }
    let pulse = &connection.0.shared.pulse;
    let message = match (pulse.speaks_http1(), connection.0.scheme == Scheme::HTTPS) {
        (true, true) => {
            "the server chose HTTP/2 in the TLS handshake, but answers in HTTP/1; set target.httpVersion to \
                         `1.1`"
                .to_owned()
        }
        (true, false) => {
            "the server answers in HTTP/1: it does not speak HTTP/2 without TLS; leave target.httpVersion out"
                .to_owned()
        }
        _ => format!("the answer is no valid HTTP/2: {named}"),
    };
    Failure::new(ErrorClass::Protocol, message)
}

/// The connection broke, or ended without a word on this stream.
fn connection_end(connection: &H2, place: &str) -> Failure {
    let inner = &connection.0;
    let hint = match (inner.shared.pulse.last_read(), inner.scheme == Scheme::HTTP) {
        (None, true) => "; does it speak HTTP/2 without TLS, as target.httpVersion says?",
        _ => "",
    };
    if let Some(failure) = inner.shared.pulse.broken() {
        return Failure { message: format!("{}{hint}", failure.message), ..failure };
    }
    let gone = connection.fault().filter(Error::is_remote);
    let said = gone.and_then(|error| error.reason().map(|reason| go_away(&error, &name(reason))));
    let message = match said {
        Some(why) => format!("the server closed the connection {place} (GOAWAY): {why}"),
        None => format!("the server closed the connection {place}{hint}"),
    };
    Failure::new(ErrorClass::Reset, message)
}

/// `ENHANCE_YOUR_CALM (detected excessive load generating behavior)`
fn name(reason: Reason) -> String {
    match u32::from(reason) {
        ..=13 => format!("{reason:?} ({reason})"),
        code => format!("the unknown code {code:#x}"),
    }
}

/// The reason of a GOAWAY, with what else the server said, shortened.
fn go_away(error: &Error, named: &str) -> String {
    // The only way to the debug data is the text of the error: `… (b"…")`.
    let text = error.to_string();
    match text.find("(b\"").and_then(|start| text[start + 3..].strip_suffix("\")")) {
        Some(said) => format!("{named}: {}", said.chars().take(200).collect::<String>()),
        None => named.to_owned(),
    }
}

fn cure(reason: Reason) -> &'static str {
    match reason {
        Reason::HTTP_1_1_REQUIRED => "; set target.httpVersion to `1.1`",
        Reason::ENHANCE_YOUR_CALM => "; the server takes the load for an attack: see its limits",
        _ => "",
    }
}
