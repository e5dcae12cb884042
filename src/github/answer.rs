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
    /// As well, but not before this long.
    Delayed(Error, Duration),
    /// GitHub says how long to wait.
    Limited(Duration),
}

/// Reads an answer's body. One that ends too early was cut off on its way.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Failure> {
    serde_json::from_slice(body).map_err(|cause| {
        let error = Error::Malformed { cause: cause.to_string() };
        if cause.is_eof() { Failure::Passing(error) } else { Failure::Final(error) }
    })
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
    let refusal = serde_json::from_slice::<Refusal>(body).ok();
    // A page for people is never GitHub's own refusal: a missing permission would be the wrong cure.
    let foreign = refusal.is_none() && is_page(headers);
    let message = match refusal {
        Some(refusal) => printable(&refusal.message),
        None => status.canonical_reason().unwrap_or("no message").to_owned(),
    };
    if let Some(wait) = rate_limit::wait(status, headers, &message, SystemTime::now()) {
        return Failure::Limited(wait);
    }
    let delay = rate_limit::retry_after(headers);
    let status = status.as_u16();
    match status {
        500..=599 | 408 => {
            let error = Error::Server { action, status, message };
            delay.map_or(Failure::Passing(error.clone()), |delay| Failure::Delayed(error, delay))
        }
        _ if foreign => Failure::Final(Error::NotGitHub { action, status }),
        401 => Failure::Final(Error::BadToken { message }),
        403 => Failure::Final(Error::NoPermission { action, message }),
        404 => Failure::Final(Error::NotFound { action, message }),
        _ => Failure::Final(Error::Refused { action, status, message }),
    }
}

fn is_page(headers: &HeaderMap) -> bool {
    headers.get("content-type").is_some_and(|kind| kind.to_str().is_ok_and(|kind| kind.contains("html")))
}

/// A message as a line of a log: no command of the runner begins in it.
fn printable(message: &str) -> String {
    message.chars().take(300).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITE: Action = Action { what: "write", permission: "checks: write" };

    fn said(failure: &Failure) -> String {
        match failure {
            Failure::Final(error) => format!("final: {error}"),
            Failure::Passing(error) => format!("passing: {error}"),
            Failure::Delayed(error, delay) => format!("after {} s: {error}", delay.as_secs()),
            Failure::Limited(wait) => format!("limited: {} s", wait.as_secs()),
        }
    }

    #[test]
    fn a_refusal_says_what_may_help() {
        const PAGE: (&str, &str) = ("content-type", "text/html; charset=utf-8");
        let foreign = "final: no answer of GitHub's API to the request to write: a web page came";
        type Headers = &'static [(&'static str, &'static str)];
        let table: &[(u16, Headers, &str, &str)] = &[
            (403, &[], r#"{"message":"no\n::error::x"}"#, "final: the token may not write (403: no ::error::x)"),
            (403, &[PAGE], "<h1>Blocked by the proxy</h1>", foreign),
            (404, &[PAGE], "<h1>Not found</h1>", foreign),
            (404, &[], "", "final: GitHub can't find what was needed to write (404: Not Found)"),
            (422, &[], r#"{"message":"Validation Failed"}"#, "final: GitHub refused to write (422: Validation Failed)"),
            (502, &[PAGE], "<h1>Bad Gateway</h1>", "passing: GitHub failed to write (502: Bad Gateway)"),
            (503, &[PAGE, ("retry-after", "7")], "", "after 7 s: GitHub failed to write (503: Service Unavailable)"),
            (408, &[], "", "passing: GitHub failed to write (408: Request Timeout)"),
            (429, &[PAGE], "<h1>Slow down</h1>", "limited: 60 s"),
        ];
        for (status, headers, body, expected) in table {
            let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
            let status = StatusCode::from_u16(*status).unwrap();
            let failure = said(&failure(status, &headers, body.as_bytes(), WRITE));
            assert!(failure.starts_with(expected), "{failure}\nis not\n{expected}");
        }
    }

    #[test]
    fn an_answer_that_was_cut_off_may_come_whole_the_next_time() {
        let read = |body: &str| parse::<Vec<u64>>(body.as_bytes()).err().map(|failure| said(&failure));
        assert_eq!(read("[1]"), None);
        assert!(read("[1,").is_some_and(|said| said.starts_with("passing: GitHub's answer was not understood")));
        assert!(read("<html>").is_some_and(|said| said.starts_with("final: GitHub's answer was not understood")));
    }

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
