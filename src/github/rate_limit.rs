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
    if let Some(wait) = retry_after(headers) {
        return Some(wait);
    }
    if number(headers, "x-ratelimit-remaining") == Some(0)
        && let Some(reset) = number(headers, "x-ratelimit-reset")
    {
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        // One second more: the reset is cut to a whole second, and clocks differ.
        return Some(Duration::from_secs(reset.saturating_sub(now) + 1));
    }
    let message = message.to_ascii_lowercase();
    // The second is what older servers of one's own call a secondary limit.
    let named = ["rate limit", "abuse detection"].iter().any(|name| message.contains(name));
    (named || status == StatusCode::TOO_MANY_REQUESTS).then_some(WITHOUT_A_TIME)
}

/// What an answer asks to wait before anything is tried again.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    number(headers, "retry-after").map(Duration::from_secs)
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
            (403, &[], "You have triggered an abuse detection mechanism.", Some(60)),
            (429, &[("retry-after", "soon")], "", Some(60)),
            (429, &[("retry-after", "Fri, 20 Nov 2026 22:00:00 GMT")], "", Some(60)),
            (403, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "never")], "", None),
            (503, &[("retry-after", "5")], "", None),
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
