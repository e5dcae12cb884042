//! From the errors of sockets, TLS and hyper to the classes of a failed request.

use std::error::Error;
use std::io;
use std::net::SocketAddr;

use http::StatusCode;
use rustls::AlertDescription;

use crate::dns::LookupError;
use crate::measurement::ErrorClass;

use super::{Failure, tls};

impl Failure {
    pub(super) fn new(class: ErrorClass, message: impl Into<String>) -> Failure {
        Failure { class, message: message.into(), status: None }
    }
}

impl From<LookupError> for Failure {
    fn from(error: LookupError) -> Failure {
        Failure::new(ErrorClass::Dns, error.to_string())
    }
}

/// No TCP connection.
pub(super) fn connecting(error: &io::Error, address: SocketAddr) -> Failure {
    let message = match error.kind() {
        io::ErrorKind::ConnectionRefused => format!("{address} refused the connection: nothing listens there"),
        io::ErrorKind::AddrNotAvailable => format!(
            "no free local port for a connection to {address}: keep connections alive, open fewer, or widen \
             net.ipv4.ip_local_port_range"
        ),
        // EMFILE and ENFILE have no kind of their own.
        _ if matches!(error.raw_os_error(), Some(23 | 24)) => {
            format!(
                "no file descriptor left for a connection to {address}: raise `ulimit -n` or use fewer virtual users"
            )
        }
        _ => format!("no connection to {address}: {error}"),
    };
    Failure::new(ErrorClass::Connect, message)
}

/// The connection was made, but not its encryption.
pub(super) fn handshaking(error: &io::Error, host: &str) -> Failure {
    let message = match tls_cause(error) {
        // Asked for HTTP/1.1 a server agrees, or says nothing: only one that was asked for HTTP/2 alone refuses.
        Some(rustls::Error::AlertReceived(AlertDescription::NoApplicationProtocol)) => return no_http2(host),
        Some(cause) => format!("TLS handshake with {host}: {cause}; {}", tls::cure(cause)),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            format!("TLS handshake with {host}: the server closed the connection")
        }
        None => format!("TLS handshake with {host}: {error}"),
    };
    Failure::new(ErrorClass::Tls, message)
}

/// The plan insists on HTTP/2, and the server does not speak it.
pub(super) fn no_http2(host: &str) -> Failure {
    let message = format!(
        "{host} does not offer HTTP/2 in the TLS handshake, and target.httpVersion insists on it: switch it on at the \
         server, or leave target.httpVersion out"
    );
    Failure::new(ErrorClass::Protocol, message)
}

/// Reading or writing failed on a connection that many requests may share.
pub(super) fn broken(error: &io::Error) -> Failure {
    match tls_cause(error) {
        Some(cause) => Failure::new(ErrorClass::Tls, format!("TLS: {cause}; {}", tls::cure(cause))),
        None => Failure::new(ErrorClass::Reset, format!("the connection broke: {error}")),
    }
}

/// The connection broke before the head of the answer was complete. `began`: some bytes of it had come.
pub(super) fn before_head(error: &hyper::Error, began: bool) -> Failure {
    if let Some(cause) = io_cause(error) {
        return match tls_cause(cause) {
            Some(cause) => Failure::new(ErrorClass::Tls, format!("TLS: {cause}; {}", tls::cure(cause))),
            None if began => {
                Failure::new(ErrorClass::Reset, format!("the connection broke in the head of the answer: {cause}"))
            }
            None => Failure::new(ErrorClass::Reset, format!("the connection broke before the answer: {cause}")),
        };
    }
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        let place = if began { "in the head of the answer" } else { "without an answer" };
        return Failure::new(ErrorClass::Reset, format!("the server closed the connection {place}"));
    }
    Failure::new(ErrorClass::Protocol, format!("the answer is no valid HTTP: {}", chain(error)))
}

/// The head had come, but the body did not come whole. `received`: bytes of it that came.
pub(super) fn in_body(error: &hyper::Error, status: StatusCode, received: u64) -> Failure {
    let cause = io_cause(error);
    let broken_framing =
        cause.is_some_and(|cause| matches!(cause.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData));
    let failure = match cause {
        Some(cause) if broken_framing && tls_cause(cause).is_none() => {
            Failure::new(ErrorClass::Protocol, format!("the body's framing is no valid HTTP: {cause}"))
        }
        _ => Failure::new(ErrorClass::Body, format!("the body broke off after {received} bytes: {}", chain(error))),
    };
    Failure { status: Some(status), ..failure }
}

/// The nearest I/O error that caused this one.
fn io_cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a io::Error> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<io::Error>() {
            return Some(io);
        }
        cause = error.source();
    }
    None
}

fn tls_cause(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

/// An error and its causes on one line: hyper's own text leaves the causes out.
pub(super) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let part = error.to_string();
        if !text.contains(&part) {
            text.push_str(": ");
            text.push_str(&part);
        }
        cause = error.source();
    }
    text
}
