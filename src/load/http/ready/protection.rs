//! What stands before a deployment and will not go away by waiting: login pages, challenges; and limits, which will.

use std::time::Duration;

use http::header::{CONTENT_TYPE, RETRY_AFTER, SERVER, SET_COOKIE, WWW_AUTHENTICATE};
use http::{HeaderMap, StatusCode};
use url::Url;

/// Who shows a login page, and what lets a machine in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guard {
    Vercel,
    VercelChallenge,
    CloudflareAccess,
    CloudflareChallenge,
    Netlify,
    Basic,
    Google,
    Microsoft,
    Unknown,
}

impl Guard {
    /// What to do, as the end of a sentence.
    pub fn cure(self) -> &'static str {
        match self {
            Guard::Vercel => {
                "send x-vercel-protection-bypass with the project's secret for automation under target.headers \
                 (`x-vercel-protection-bypass: \"${secret.BYPASS}\"`), or switch Vercel's Deployment Protection off"
            }
            Guard::VercelChallenge => {
                "Vercel's firewall challenges machines: let the load pass with a bypass rule, or send \
                 x-vercel-protection-bypass with the project's secret under target.headers"
            }
            Guard::CloudflareAccess => {
                "send the CF-Access-Client-Id and CF-Access-Client-Secret of a service token from secrets under target.headers, \
                 and let Cloudflare Access accept it"
            }
            Guard::CloudflareChallenge => {
                "Cloudflare challenges machines: add a WAF rule that skips them for a header from a secret, and send it under \
                 target.headers"
            }
            Guard::Netlify => {
                "no header passes Netlify's password page: take deploy previews out of the site's password protection, or use \
                 `Basic-Auth` in its _headers and send authorization from a secret under target.headers"
            }
            Guard::Basic => {
                "send authorization from a secret under target.headers (`authorization: \"Basic ${secret.LOGIN}\"`, the secret \
                 is user:password in base64)"
            }
            Guard::Google => {
                "Google's login stands before it: send authorization with an identity token from a secret under target.headers"
            }
            Guard::Microsoft => {
                "Microsoft's login stands before it: send authorization with an access token from a secret under target.headers"
            }
            Guard::Unknown => {
                "send what lets a machine in as a header from a secret under target.headers (on Vercel \
                 x-vercel-protection-bypass with the project's secret), or switch the protection off"
            }
        }
    }
}

/// The guard that sends to another host: by its name, whoever else it is.
pub(super) fn of_redirect(to: &Url, headers: &HeaderMap) -> Guard {
    let host = to.host_str().unwrap_or_default();
    let is = |name: &str| host == name || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'));
    if is("vercel.com") || sets_vercel_nonce(headers) {
        Guard::Vercel
    } else if is("cloudflareaccess.com") {
        Guard::CloudflareAccess
    } else if is("netlify.com") {
        Guard::Netlify
    } else if is("accounts.google.com") {
        Guard::Google
    } else if is("login.microsoftonline.com") || is("login.windows.net") {
        Guard::Microsoft
    } else {
        Guard::Unknown
    }
}

/// The guard that gave an answer itself, if it is one's. A 403 of a machine may be a deployment that is not there yet.
pub(super) fn of_answer(status: StatusCode, headers: &HeaderMap) -> Option<Guard> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_ascii_lowercase);
    let has = |name: &str, part: &str| text(name).is_some_and(|value| value.contains(part));
    if has("cf-mitigated", "challenge") {
        return Some(Guard::CloudflareChallenge);
    }
    if has("x-vercel-mitigated", "challenge") {
        return Some(Guard::VercelChallenge);
    }
    let is_html = has(CONTENT_TYPE.as_str(), "text/html");
    let closed = status == StatusCode::UNAUTHORIZED || (status == StatusCode::FORBIDDEN && is_html);
    if !closed {
        return None;
    }
    let server = SERVER.as_str();
    Some(if sets_vercel_nonce(headers) || (has(server, "vercel") && is_html) {
        Guard::Vercel
    } else if headers.contains_key("cf-access-domain") || has(WWW_AUTHENTICATE.as_str(), "cloudflare-access") {
        Guard::CloudflareAccess
    } else if has(WWW_AUTHENTICATE.as_str(), "basic") {
        Guard::Basic
    } else if has(server, "netlify") && is_html {
        Guard::Netlify
    } else {
        Guard::Unknown
    })
}

fn sets_vercel_nonce(headers: &HeaderMap) -> bool {
    headers.get_all(SET_COOKIE).iter().any(|cookie| cookie.as_bytes().starts_with(b"_vercel_sso_nonce="))
}

/// How long a limit asks to wait: 429, or 503 with a time. `Some(None)` where a 429 names none in seconds.
pub(super) fn limit(status: StatusCode, headers: &HeaderMap) -> Option<Option<Duration>> {
    let seconds = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let wait = seconds.map(Duration::from_secs);
    match status {
        StatusCode::TOO_MANY_REQUESTS => Some(wait),
        StatusCode::SERVICE_UNAVAILABLE => wait.map(Some),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(&'static str, &'static str)]) -> HeaderMap {
        list.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn login_pages_are_told_by_where_they_send() {
        for (to, list, expected) in [
            ("https://vercel.com/sso-api?url=x", &[][..], Guard::Vercel),
            ("https://sso.example/", &[("set-cookie", "_vercel_sso_nonce=a; Path=/")], Guard::Vercel),
            ("https://acme.cloudflareaccess.com/cdn-cgi/access/login/shop.example", &[], Guard::CloudflareAccess),
            ("https://app.netlify.com/authorize", &[], Guard::Netlify),
            ("https://accounts.google.com/o/oauth2/v2/auth", &[], Guard::Google),
            ("https://login.microsoftonline.com/common", &[], Guard::Microsoft),
            ("https://notvercel.com/", &[], Guard::Unknown),
            ("https://login.shop.example/", &[], Guard::Unknown),
        ] {
            assert_eq!(of_redirect(&to.parse().unwrap(), &headers(list)), expected, "{to}");
        }
    }

    #[test]
    fn login_pages_are_told_by_their_answers() {
        type Case = (u16, &'static [(&'static str, &'static str)], Option<Guard>);
        const HTML: (&str, &str) = ("content-type", "text/html; charset=utf-8");
        let table: &[Case] = &[
            (401, &[HTML, ("set-cookie", "_vercel_sso_nonce=a")], Some(Guard::Vercel)),
            (401, &[HTML, ("server", "Vercel")], Some(Guard::Vercel)),
            (401, &[HTML, ("server", "Netlify")], Some(Guard::Netlify)),
            (401, &[("www-authenticate", "Basic realm=\"staging\"")], Some(Guard::Basic)),
            (403, &[HTML, ("cf-access-domain", "acme.cloudflareaccess.com")], Some(Guard::CloudflareAccess)),
            (403, &[("cf-mitigated", "challenge")], Some(Guard::CloudflareChallenge)),
            (429, &[("x-vercel-mitigated", "challenge")], Some(Guard::VercelChallenge)),
            (401, &[], Some(Guard::Unknown)),
            (403, &[HTML], Some(Guard::Unknown)),
            (403, &[("content-type", "application/xml")], None),
            (404, &[HTML], None),
            (200, &[HTML], None),
            (503, &[], None),
        ];
        for (status, list, expected) in table {
            let status = StatusCode::from_u16(*status).unwrap();
            assert_eq!(of_answer(status, &headers(list)), *expected, "{status} {list:?}");
        }
    }

    #[test]
    fn limits_say_how_long_to_wait() {
        for (status, list, expected) in [
            (429, &[("retry-after", "7")][..], Some(Some(7))),
            (429, &[], Some(None)),
            (429, &[("retry-after", "Fri, 01 Jan 2027 00:00:00 GMT")], Some(None)),
            (503, &[("retry-after", "3")], Some(Some(3))),
            (503, &[], None),
            (500, &[("retry-after", "3")], None),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(limit(status, &headers(list)), expected.map(|wait| wait.map(Duration::from_secs)), "{status}");
        }
    }
}
