//! What GitHub answers: pages of a list, and refusals by what may help against them.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use url::Url;

use super::error::{Action, Error};
use super::rate_limit;

/// What GitHub answered to a request that it accepted.
pub(super) struct Answer {
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// Why one try failed, and what may help.
pub(super) enum Failure {
    /// Trying again can't help.
    Final(Error),
    /// Trying again may help.
    Passing(Error),
    /// GitHub says how long to wait.
    Limited(Duration),
}

/// Reads an answer's body.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|cause| Failure::Final(Error::Malformed { cause: cause.to_string() }))
}

/// The next page that an answer's `link` header names.
pub(super) fn next_page(headers: &HeaderMap) -> Option<Url> {
    let links = headers.get("link")?.to_str().ok()?;
    let next = links.split(',').find(|link| link.contains("rel=\"next\""))?;
    let (_, rest) = next.split_once('<')?;
    Url::parse(rest.split_once('>')?.0).ok()
}

/// Why GitHub refused, from its answer.
pub(super) fn failure(status: StatusCode, headers: &HeaderMap, body: &[u8], action: Action) -> Failure {
    #[derive(serde::Deserialize)]
    struct Refusal {
        message: String,
    }
    let message = match serde_json::from_slice::<Refusal>(body) {
        Ok(refusal) => refusal.message.chars().take(300).collect(),
        Err(_) => status.canonical_reason().unwrap_or("no message").to_owned(),
    };
    if let Some(wait) = rate_limit::wait(status, headers, &message, SystemTime::now()) {
        return Failure::Limited(wait);
    }
    let status = status.as_u16();
    match status {
        401 => Failure::Final(Error::BadToken { message }),
        403 => Failure::Final(Error::NoPermission { action, message }),
        404 => Failure::Final(Error::NotFound { action, message }),
        500..=599 | 408 => Failure::Passing(Error::Server { action, status, message }),
        _ => Failure::Final(Error::Refused { action, status, message }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_read_from_the_link_header() {
        for (link, expected) in [
            (
                r#"<https://api.example/x?page=2>; rel="next", <https://api.example/x?page=9>; rel="last""#,
                Some("page=2"),
            ),
            (
                r#"<https://api.example/x?page=1>; rel="prev", <https://api.example/x?page=3>; rel="next""#,
                Some("page=3"),
            ),
            (r#"<https://api.example/x?page=1>; rel="first""#, None),
            ("nonsense; rel=\"next\"", None),
        ] {
            let headers = HeaderMap::from_iter([("link".parse().unwrap(), link.parse().unwrap())]);
            assert_eq!(next_page(&headers).as_ref().and_then(Url::query), expected, "{link}");
        }
    }
}
