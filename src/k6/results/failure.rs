//! What k6's error codes mean among loadgate's classes.

use crate::measurement::ErrorClass;

/// The class of a request that k6 gave this `error_code`; none for a whole answer, whatever its status.
///
/// k6 numbers errors from 1000: names 1100, TCP 1200, TLS 1300, HTTP/2 1600, content 1700; 1400 to 1599 are statuses of
/// answers that came.
pub fn class_of(code: u16) -> Option<ErrorClass> {
    Some(match code {
        1020 => ErrorClass::Protocol,
        1050 => ErrorClass::Timeout,
        1110 | 1111 => ErrorClass::Host,
        1100..=1199 => ErrorClass::Dns,
        1201 | 1220 => ErrorClass::Reset,
        1200..=1299 => ErrorClass::Connect,
        1300..=1399 => ErrorClass::Tls,
        1400..=1599 => return None,
        1600..=1699 => ErrorClass::Protocol,
        1700..=1799 => ErrorClass::Body,
        // Among them a connection that was closed before its answer, which k6 calls EOF.
        _ => ErrorClass::Reset,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_their_classes() {
        use ErrorClass::*;
        for (codes, class) in [
            (&[1000, 1010, 1201, 1220, 1999][..], Some(Reset)),
            (&[1020, 1600, 1610, 1630, 1650], Some(Protocol)),
            (&[1050], Some(Timeout)),
            (&[1100, 1101], Some(Dns)),
            (&[1110, 1111], Some(Host)),
            (&[1200, 1202, 1210, 1211, 1212, 1213], Some(Connect)),
            (&[1300, 1301, 1310, 1311], Some(Tls)),
            (&[1701], Some(Body)),
            (&[1400, 1404, 1500, 1503, 1599], None),
        ] {
            for code in codes {
                assert_eq!(class_of(*code), class, "{code}");
            }
        }
    }
}
