//! k6's numbers for what went wrong with a request.

use http::StatusCode;

use crate::load::http::Exchange;
use crate::measurement::ErrorClass;

/// The `error_code` of an exchange: 0 where nothing went wrong.
pub fn error_code(exchange: &Exchange) -> u16 {
    match &exchange.outcome {
        Ok(answer) => of_status(answer.status),
        Err(failure) => {
            let said = |text: &str| failure.message.contains(text);
            match failure.class {
                ErrorClass::Timeout => 1050,
                ErrorClass::Dns if said("no address") || said("does not exist") || said("no such") => 1101,
                ErrorClass::Dns => 1100,
                ErrorClass::Connect if said("refused") => 1212,
                ErrorClass::Connect => 1210,
                ErrorClass::Tls if said("UnknownIssuer") => 1310,
                ErrorClass::Tls if said("NotValidForName") => 1311,
                ErrorClass::Tls if said("InvalidContentType") || said("corrupt message") => 1301,
                ErrorClass::Tls => 1300,
                ErrorClass::Reset if said("reset") => 1220,
                ErrorClass::Reset | ErrorClass::Protocol => 1000,
                ErrorClass::Body if said("broke off") => 1000,
                ErrorClass::Body => 1701,
                ErrorClass::Host if said("neither http") => 1020,
                ErrorClass::Host if said("blacklisted") => 1110,
                ErrorClass::Host => 1111,
            }
        }
    }
}

fn of_status(status: StatusCode) -> u16 {
    match status.as_u16() {
        status @ 400..=599 => 1000 + status,
        _ => 0,
    }
}

/// The `error` of an exchange in k6's words, where it has some: scripts compare them. Empty where an answer came.
pub fn error_text(exchange: &Exchange) -> &str {
    let Err(failure) = &exchange.outcome else { return "" };
    match error_code(exchange) {
        1050 => "request timeout",
        1101 => "lookup: no such host",
        1212 => "dial: connection refused",
        1220 => "read: connection reset by peer",
        1310 => "x509: certificate signed by unknown authority",
        1311 => "x509: certificate is valid for another name",
        1301 => "tls: the other side does not speak TLS",
        1000 if failure.class == ErrorClass::Reset => "EOF",
        1000 if failure.class == ErrorClass::Body => "unexpected EOF",
        _ => &failure.message,
    }
}
