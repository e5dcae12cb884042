//! From the errors of sockets and TLS to the classes of a failed request.

use std::io;
use std::net::SocketAddr;

use http::StatusCode;
use rustls::AlertDescription;

use crate::dns::LookupError;
use crate::measurement::ErrorClass;

use super::exhaustion::Resource;
use super::{Failure, tls};

impl Failure {
    pub(super) fn new(class: ErrorClass, message: impl Into<String>) -> Failure {
        Failure { class, message: message.into(), status: None, missing: None }
    }
}

impl From<LookupError> for Failure {
    fn from(error: LookupError) -> Failure {
        Failure::new(ErrorClass::Dns, error.to_string())
    }
}

/// No TCP connection.
pub(super) fn connecting(error: &io::Error, address: SocketAddr) -> Failure {
    let missing = Resource::missing(error, address);
    let message = match missing {
        Some(Resource::Ports) => format!(
            "no free local port for a connection to {address}: keep connections alive, open fewer, or widen \
             net.ipv4.ip_local_port_range"
        ),
        Some(Resource::Descriptors) => {
            format!(
                "no file descriptor left for a connection to {address}: raise `ulimit -n` or use fewer virtual users"
            )
        }
        Some(Resource::Memory) => {
            format!("no memory left for a connection to {address}: use fewer virtual users or a larger machine")
        }
        None if error.kind() == io::ErrorKind::ConnectionRefused => {
            format!("{address} refused the connection: nothing listens there")
        }
        None => format!("no connection to {address}: {error}"),
    };
    Failure { missing, ..Failure::new(ErrorClass::Connect, message) }
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

/// The connection ended before the head of the answer was complete: by an error, or else the server closed it. `began`: some
/// bytes of it had come.
pub(super) fn before_head(error: Option<&io::Error>, began: bool) -> Failure {
    let message = match (error, began) {
        (Some(error), _) if let Some(cause) = tls_cause(error) => {
            return Failure::new(ErrorClass::Tls, format!("TLS: {cause}; {}", tls::cure(cause)));
        }
        (Some(error), true) => format!("the connection broke in the head of the answer: {error}"),
        (Some(error), false) => format!("the connection broke before the answer: {error}"),
        (None, true) => "the server closed the connection in the head of the answer".to_owned(),
        (None, false) => "the server closed the connection without an answer".to_owned(),
    };
    Failure::new(ErrorClass::Reset, message)
}

/// What came is no head of an answer.
pub(super) fn head(cause: &str) -> Failure {
    Failure::new(ErrorClass::Protocol, format!("the answer is no valid HTTP: {cause}"))
}

/// The head had come, but where the body ends can't be told.
pub(super) fn framing(cause: &str, status: StatusCode) -> Failure {
    let message = format!("the body's framing is no valid HTTP: {cause}");
    Failure { status: Some(status), ..Failure::new(ErrorClass::Protocol, message) }
}

/// The head had come, but the connection ended in the body. `received`: bytes of it that came.
pub(super) fn in_body(error: Option<&io::Error>, status: StatusCode, received: u64) -> Failure {
    let cause = match error {
        Some(error) => error.to_string(),
        None => "the server closed the connection".to_owned(),
    };
    let message = format!("the body broke off after {received} bytes: {cause}");
    Failure { status: Some(status), ..Failure::new(ErrorClass::Body, message) }
}

/// What went wrong in TLS, if it is that which failed; other clients wrap it once more.
pub(super) fn tls_cause(error: &io::Error) -> Option<&rustls::Error> {
    let cause = error.get_ref()?;
    match cause.downcast_ref() {
        Some(wrapped) => tls_cause(wrapped),
        None => cause.downcast_ref(),
    }
}
