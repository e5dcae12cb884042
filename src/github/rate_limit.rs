//! GitHub's rate limits: how an answer says that one was reached, and how long to wait.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, StatusCode};

/// What GitHub's documentation says to wait where a secondary limit names no time.
const WITHOUT_A_TIME: Duration = Duration::from_secs(60);

/// How long to wait before the next request, if this answer says that a limit was reached.
///
/// The order is GitHub's ("Rate limits for the REST API"): `retry-after`, else the reset time if nothing remains, else a
/// minute. A 403 without any sign of a limit is a missing permission, not a limit.
pub fn wait(status: StatusCode, headers: &HeaderMap, message: &str, now: SystemTime) -> Option<Duration> {
    if status != StatusCode::FORBIDDEN && status != StatusCode::TOO_MANY_REQUESTS {
        return None;
    }
    if let Some(seconds) = number(headers, "retry-after") {
        return Some(Duration::from_secs(seconds));
    }
    if number(headers, "x-ratelimit-remaining") == Some(0)
        && let Some(reset) = number(headers, "x-ratelimit-reset")
    {
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        // One second more: the reset is cut to a whole second, and clocks differ.
        return Some(Duration::from_secs(reset.saturating_sub(now) + 1));
    }
    let limited = status == StatusCode::TOO_MANY_REQUESTS || message.to_ascii_lowercase().contains("rate limit");
    limited.then_some(WITHOUT_A_TIME)
}

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_is_read_from_the_answer() {
        let now = UNIX_EPOCH + Duration::from_secs(1_000);
        type Headers = &'static [(&'static str, &'static str)];
        let table: &[(u16, Headers, &str, Option<u64>)] = &[
            (200, &[("retry-after", "5")], "", None),
            (403, &[], "Resource not accessible by integration", None),
            (403, &[("x-ratelimit-remaining", "4999")], "Resource not accessible by integration", None),
            (403, &[("retry-after", "30")], "", Some(30)),
            (429, &[("retry-after", "0")], "", Some(0)),
            (403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1090")], "", Some(91)),
            (403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "900")], "", Some(1)),
            (403, &[], "You have exceeded a secondary rate limit.", Some(60)),
            (429, &[("retry-after", "soon")], "", Some(60)),
        ];
        for (status, headers, message, expected) in table {
            let headers: HeaderMap =
                headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
            let status = StatusCode::from_u16(*status).unwrap();
            let expected = expected.map(Duration::from_secs);
            assert_eq!(wait(status, &headers, message, now), expected, "{status} {headers:?} {message}");
        }
    }
}
