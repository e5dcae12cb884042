//! The cookies of one iteration (RFC 6265, section 5).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cookie::Cookie;
use http::HeaderMap;
use http::header::SET_COOKIE;
use url::{Host, Url};

/// More are not kept, the oldest go first: answers can't fill the memory of many virtual users. Browsers keep as many of a
/// domain, and a load touches few.
const MOST: usize = 180;

/// Bytes of a cookie's name and value together, and of its path. Browsers ignore larger ones (RFC 6265bis, section 5.7).
const LARGEST: usize = 4096;
const LONGEST_PATH: usize = 1024;

/// Cookies by name, domain and path, in the order they were first set. There is no list of public suffixes: the load only
/// touches hosts that the plan names.
#[derive(Clone, Debug, Default)]
pub struct Jar {
    cookies: Vec<Stored>,
}

#[derive(Clone, Debug)]
struct Stored {
    name: String,
    value: String,
    domain: String,
    /// Without a `Domain` attribute: for this host, not for those below it.
    host_only: bool,
    path: String,
    secure: bool,
    /// None: for the whole iteration.
    expires: Option<SystemTime>,
}

impl Jar {
    /// Forgets all.
    pub fn clear(&mut self) {
        self.cookies.clear();
    }

    /// Keeps what an answer from `url` sets. A malformed cookie, or one for a foreign domain, is ignored as browsers do.
    pub fn store(&mut self, url: &Url, headers: &HeaderMap, now: SystemTime) {
        for header in headers.get_all(SET_COOKIE) {
            if let Ok(text) = header.to_str() {
                self.set(url, text, now);
            }
        }
    }

    /// Keeps a cookie as a `Set-Cookie` header from `url` writes it: false for a malformed one, or one for a foreign domain.
    pub fn set(&mut self, url: &Url, text: &str, now: SystemTime) -> bool {
        let Some(cookie) = Stored::parse(text, url, now) else { return false };
        let expired = cookie.expires.is_some_and(|expires| expires <= now);
        let same = self.cookies.iter().position(|other| {
            (&other.name, &other.domain, &other.path) == (&cookie.name, &cookie.domain, &cookie.path)
        });
        match same {
            Some(index) if expired => drop(self.cookies.remove(index)),
            Some(index) => self.cookies[index] = cookie,
            None if expired => {}
            None => {
                if self.cookies.len() == MOST {
                    self.cookies.remove(0);
                }
                self.cookies.push(cookie);
            }
        }
        true
    }

    /// Names and values of the cookies for `url`, in the order of the `Cookie` header.
    pub fn of(&self, url: &Url, now: SystemTime) -> Vec<(&str, &str)> {
        let mut matching: Vec<&Stored> = self.cookies.iter().filter(|cookie| cookie.matches(url, now)).collect();
        matching.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        matching.into_iter().map(|cookie| (&*cookie.name, &*cookie.value)).collect()
    }

    /// Forgets the cookies for `url`, or those of a name among them.
    pub fn remove(&mut self, url: &Url, name: Option<&str>, now: SystemTime) {
        self.cookies.retain(|cookie| !cookie.matches(url, now) || name.is_some_and(|name| cookie.name != name));
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.cookies.is_empty()
    }

    /// The `Cookie` header for a request to `url`: longer paths first, then the older cookie.
    pub fn header(&self, url: &Url, now: SystemTime) -> Option<String> {
        let pairs: Vec<String> = self.of(url, now).iter().map(|(name, value)| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

/// Browsers and Go trust this machine without encryption.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

impl Stored {
    fn parse(text: &str, url: &Url, now: SystemTime) -> Option<Stored> {
        let cookie = Cookie::parse(text).ok().filter(|cookie| cookie.name().len() + cookie.value().len() <= LARGEST)?;
        let host = url.host_str()?;
        let (domain, host_only) = match cookie.domain().filter(|domain| !domain.is_empty()) {
            None => (host.to_owned(), true),
            Some(domain) => {
                let domain = domain.to_ascii_lowercase();
                // A domain without a dot would be a whole top-level domain.
                let allowed = host == domain || (domain.contains('.') && is_below(url, &domain));
                if !allowed {
                    return None;
                }
                let host_only = matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_)));
                (domain, host_only)
            }
        };
        let path = match cookie.path() {
            Some(path) if path.starts_with('/') && path.len() <= LONGEST_PATH => path.to_owned(),
            _ => default_path(url).to_owned(),
        };
        Some(Stored {
            name: cookie.name().to_owned(),
            value: cookie.value().to_owned(),
            domain,
            host_only,
            path,
            secure: cookie.secure() == Some(true),
            expires: expiry(&cookie, now),
        })
    }

    fn matches(&self, url: &Url, now: SystemTime) -> bool {
        let host = url.host_str().unwrap_or_default();
        (host == self.domain || (!self.host_only && is_below(url, &self.domain)))
            && path_matches(url.path(), &self.path)
            && (!self.secure || url.scheme() == "https" || is_loopback(url))
            && self.expires.is_none_or(|expires| now < expires)
    }
}

/// `Max-Age` wins over `Expires`; a time before now removes the cookie.
fn expiry(cookie: &Cookie<'_>, now: SystemTime) -> Option<SystemTime> {
    if let Some(age) = cookie.max_age() {
        let seconds = u64::try_from(age.whole_seconds()).unwrap_or(0);
        return now.checked_add(Duration::from_secs(seconds));
    }
    let seconds = cookie.expires_datetime()?.unix_timestamp();
    Some(UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

/// Whether the URL's host is a name below `domain`.
fn is_below(url: &Url, domain: &str) -> bool {
    matches!(url.host(), Some(Host::Domain(host))
        if host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')))
}

/// RFC 6265, section 5.1.4: the directory of the request.
fn default_path(url: &Url) -> &str {
    match url.path().rfind('/') {
        None | Some(0) => "/",
        Some(end) => &url.path()[..end],
    }
}

fn path_matches(path: &str, cookie_path: &str) -> bool {
    path.strip_prefix(cookie_path)
        .is_some_and(|rest| rest.is_empty() || cookie_path.ends_with('/') || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        // 2026-01-01
        UNIX_EPOCH + Duration::from_secs(1_767_225_600 + seconds)
    }

    fn stored(set_by: &str, cookies: &[&str]) -> Jar {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(SET_COOKIE, cookie.parse().unwrap());
        }
        let mut jar = Jar::default();
        jar.store(&set_by.parse().unwrap(), &headers, at(0));
        jar
    }

    fn header(jar: &Jar, url: &str, now: SystemTime) -> String {
        jar.header(&url.parse().unwrap(), now).unwrap_or_default()
    }

    /// Who sets which cookie, who is asked next (at once), and what is sent.
    #[test]
    fn cookies_go_where_they_belong() {
        const SET_BY: &str = "https://shop.example.com/account/login";
        for (cookie, url, sent) in [
            ("a=1", "https://shop.example.com/account/orders", "a=1"),
            ("a=1", "https://shop.example.com/account", "a=1"),
            ("a=1", "https://shop.example.com/", ""),
            ("a=1", "https://shop.example.com/accounting", ""),
            ("a=1; Path=/", "https://shop.example.com/", "a=1"),
            ("a=1; Path=/", "https://example.com/", ""),
            ("a=1; Path=/", "https://api.shop.example.com/", ""),
            ("a=1; Path=/; Domain=example.com", "https://api.example.com/", "a=1"),
            ("a=1; Path=/; Domain=.Example.com", "https://example.com/", "a=1"),
            ("a=1; Path=/; Domain=example.com", "https://badexample.com/", ""),
            ("a=1; Path=/; Domain=other.com", "https://other.com/", ""),
            ("a=1; Path=/; Domain=com", "https://shop.example.com/", ""),
            ("a=1; Path=/; Secure", "https://shop.example.com/", "a=1"),
            ("a=1; Path=/; Secure", "http://shop.example.com/", ""),
            ("a=1; Path=relative", "https://shop.example.com/account/x", "a=1"),
            ("a=\"quoted=1\"; Path=/; HttpOnly; SameSite=Lax", "https://shop.example.com/", "a=\"quoted=1\""),
            ("a=; Path=/", "https://shop.example.com/", "a="),
            ("no pair", "https://shop.example.com/account/x", ""),
            ("a=1; Path=/; Max-Age=0", "https://shop.example.com/", ""),
            ("a=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "https://shop.example.com/", ""),
        ] {
            assert_eq!(header(&stored(SET_BY, &[cookie]), url, at(0)), sent, "{cookie} to {url}");
        }
    }

    #[test]
    fn an_address_has_no_domain_below_it() {
        let jar = stored("http://127.0.0.1:8080/", &["a=1; Domain=127.0.0.1", "b=2; Domain=0.0.1"]);
        assert_eq!(header(&jar, "http://127.0.0.1:9090/", at(0)), "a=1", "cookies know no ports");
    }

    #[test]
    fn cookies_expire_are_replaced_and_removed() {
        const URL: &str = "http://localhost/";
        let cookies = ["a=1; Max-Age=60", "b=2; Expires=Thu, 01 Jan 2026 00:02:00 GMT; Path=/", "c=3"];
        let mut jar = stored(URL, &cookies);
        assert_eq!(header(&jar, URL, at(59)), "a=1; b=2; c=3");
        assert_eq!(header(&jar, URL, at(60)), "b=2; c=3");
        assert_eq!(header(&jar, URL, at(120)), "c=3");
        let mut headers = HeaderMap::new();
        headers.append(SET_COOKIE, "a=9".parse().unwrap());
        headers.append(SET_COOKIE, "c=; Max-Age=-1".parse().unwrap());
        jar.store(&URL.parse().unwrap(), &headers, at(1));
        assert_eq!(header(&jar, URL, at(120)), "a=9");
        jar.clear();
        assert_eq!(header(&jar, URL, at(1)), "");
    }

    #[test]
    fn a_cookie_that_is_too_large_is_ignored() {
        let of_length = |length: usize| format!("n={}", "v".repeat(length - 1));
        let jar = stored("http://localhost/", &[&of_length(LARGEST), &of_length(LARGEST + 1)]);
        assert_eq!(jar.cookies.len(), 1);
        let path = "/x".repeat(LONGEST_PATH);
        let jar = stored("http://localhost/a/b", &[&format!("n=1; Path={path}")]);
        assert_eq!(jar.cookies[0].path, "/a", "as if it had none");
    }

    #[test]
    fn longer_paths_come_first_and_the_jar_is_bounded() {
        let jar = stored("http://localhost/a/b/c", &["x=1; Path=/", "y=2; Path=/a/b", "z=3; Path=/a"]);
        assert_eq!(header(&jar, "http://localhost/a/b/d", at(0)), "y=2; z=3; x=1");
        let many: Vec<String> = (0..MOST + 5).map(|n| format!("n{n}=1")).collect();
        let jar = stored("http://localhost/", &many.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(jar.cookies.len(), MOST);
        assert_eq!(jar.cookies[0].name, "n5");
    }
}
