//! Headers as they must read on the other side of the proxy.

use http::header::{
    CONNECTION, HOST, LOCATION, ORIGIN, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, REFERER, SET_COOKIE, TE,
    TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use url::{Origin, Url};

/// They are about one connection, not about the message (RFC 9110, section 7.6.1).
const HOP_BY_HOP: [HeaderName; 6] =
    [CONNECTION, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRANSFER_ENCODING, UPGRADE];

/// Not among the standard names of `http`.
const KEEP_ALIVE: &str = "keep-alive";

/// Takes out what is about the connection that the message came on, the names that `Connection` lists among it.
pub fn strip_hop_by_hop(headers: &mut HeaderMap) {
    let listed: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in listed.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
    headers.remove(KEEP_ALIVE);
}

/// The two names of one deployment: the proxy's, which the client knows, and its own.
#[derive(Clone, Debug)]
pub struct Names {
    proxy: Url,
    target: Url,
    /// The proxy's host and port, as clients write it into `Host`.
    proxy_host: String,
}

impl Names {
    pub fn new(proxy: Url, target: Url) -> Self {
        let proxy_host = authority(&proxy);
        Names { proxy, target, proxy_host }
    }

    /// A request as the deployment must see it. A `Host` that the client chose for itself stays.
    pub fn inwards(&self, headers: &mut HeaderMap) {
        strip_hop_by_hop(headers);
        if headers.get(HOST).is_some_and(|host| host.as_bytes() == self.proxy_host.as_bytes()) {
            headers.remove(HOST);
        }
        for name in [ORIGIN, REFERER] {
            replace(headers, name, &self.proxy, &self.target);
        }
    }

    /// An answer as the client must see it: redirects within the deployment lead through the proxy, and its cookies come back
    /// to it.
    pub fn outwards(&self, headers: &mut HeaderMap) {
        strip_hop_by_hop(headers);
        replace(headers, LOCATION, &self.target, &self.proxy);
        if headers.contains_key(SET_COOKIE) {
            let cookies: Vec<HeaderValue> =
                headers.get_all(SET_COOKIE).iter().map(|cookie| self.cookie(cookie)).collect();
            headers.remove(SET_COOKIE);
            headers.extend(cookies.into_iter().map(|cookie| (SET_COOKIE, cookie)));
        }
    }

    /// A cookie without what would keep the client from sending it back: the deployment's own name, and `Secure`.
    fn cookie(&self, cookie: &HeaderValue) -> HeaderValue {
        let Ok(text) = cookie.to_str() else { return cookie.clone() };
        let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
        let kept = attributes.split(';').filter(|attribute| !attribute.is_empty() && !self.is_in_the_way(attribute));
        let text: String = [pair].into_iter().chain(kept).collect::<Vec<_>>().join(";");
        HeaderValue::try_from(text).unwrap_or_else(|_| cookie.clone())
    }

    fn is_in_the_way(&self, attribute: &str) -> bool {
        let (name, value) = attribute.split_once('=').unwrap_or((attribute, ""));
        match name.trim() {
            name if name.eq_ignore_ascii_case("secure") => true,
            name if name.eq_ignore_ascii_case("domain") => self.is_of_target(value.trim()),
            _ => false,
        }
    }

    /// Whether a cookie's domain is the deployment's host, or above it. One that is not would be refused there, too.
    fn is_of_target(&self, domain: &str) -> bool {
        let domain = domain.trim_start_matches('.').to_ascii_lowercase();
        let host = self.target.host_str().unwrap_or_default();
        host == domain || host.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.'))
    }
}

/// Host and port, without a port that the scheme implies.
pub fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Rewrites a header's URL of one origin to the other.
fn replace(headers: &mut HeaderMap, name: HeaderName, from: &Url, to: &Url) {
    let rewritten = headers.get(&name).and_then(|value| value.to_str().ok()).and_then(|text| moved(text, from, to));
    if let Some(value) = rewritten {
        headers.insert(name, value);
    }
}

fn moved(text: &str, from: &Url, to: &Url) -> Option<HeaderValue> {
    let url = Url::parse(text).ok()?;
    let origin: Origin = url.origin();
    if origin != from.origin() {
        return None;
    }
    // What follows the authority stays as it was written, even if a parser would write it otherwise.
    let after_scheme = text.split_once("://")?.1;
    let rest = after_scheme.find(['/', '?', '#']).map_or("", |at| &after_scheme[at..]);
    HeaderValue::try_from(format!("{}{rest}", to.origin().ascii_serialization())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names::new("http://127.0.0.1:4000".parse().unwrap(), "https://preview.shop.example".parse().unwrap())
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn the_deployment_sees_its_own_names() {
        let mut seen = headers(&[
            ("host", "127.0.0.1:4000"),
            ("origin", "http://127.0.0.1:4000"),
            ("referer", "http://127.0.0.1:4000/a?b=c d#e"),
            ("connection", "keep-alive, x-private"),
            ("keep-alive", "timeout=5"),
            ("x-private", "1"),
            ("x-kept", "2"),
        ]);
        names().inwards(&mut seen);
        assert_eq!(
            seen,
            headers(&[
                ("origin", "https://preview.shop.example"),
                ("referer", "https://preview.shop.example/a?b=c d#e"),
                ("x-kept", "2"),
            ])
        );
        let mut chosen = headers(&[("host", "tenant.example"), ("origin", "https://elsewhere.example")]);
        names().inwards(&mut chosen);
        assert_eq!(chosen, headers(&[("host", "tenant.example"), ("origin", "https://elsewhere.example")]));
    }

    #[test]
    fn redirects_within_the_deployment_stay_with_the_proxy() {
        for (location, expected) in [
            ("https://preview.shop.example/login?to=/", "http://127.0.0.1:4000/login?to=/"),
            ("https://PREVIEW.shop.example:443/a", "http://127.0.0.1:4000/a"),
            ("https://preview.shop.example", "http://127.0.0.1:4000"),
            ("http://preview.shop.example/a", "http://preview.shop.example/a"),
            ("https://login.example/a", "https://login.example/a"),
            ("/relative", "/relative"),
            ("", ""),
        ] {
            let mut seen = headers(&[("location", location)]);
            names().outwards(&mut seen);
            assert_eq!(seen["location"], expected, "{location}");
        }
    }

    #[test]
    fn cookies_come_back_to_the_proxy() {
        for (cookie, expected) in [
            ("a=1; Path=/; Secure; HttpOnly", "a=1; Path=/; HttpOnly"),
            ("a=1; Domain=preview.shop.example; Path=/", "a=1; Path=/"),
            ("a=1; domain=.Shop.example", "a=1"),
            ("a=1; Domain=other.example", "a=1; Domain=other.example"),
            ("a=1; Domain=op.example", "a=1; Domain=op.example"),
            ("secure=1; Path=/", "secure=1; Path=/"),
            ("domain=shop.example", "domain=shop.example"),
        ] {
            let mut seen = headers(&[("set-cookie", cookie)]);
            names().outwards(&mut seen);
            assert_eq!(seen["set-cookie"], expected, "{cookie}");
        }
        let mut two = HeaderMap::new();
        two.append(SET_COOKIE, "a=1".parse().unwrap());
        two.append(SET_COOKIE, "b=2; Secure".parse().unwrap());
        names().outwards(&mut two);
        let kept: Vec<&HeaderValue> = two.get_all(SET_COOKIE).iter().collect();
        assert_eq!(kept, ["a=1", "b=2"]);
    }
}
