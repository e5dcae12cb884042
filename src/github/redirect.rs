//! Where GitHub sends a request on: a repository that was renamed answers 301 to a reader and 307 to a writer, and the
//! content of an artifact lies on another host.

use http::response::Parts;
use http::{Method, StatusCode};
use url::Url;

use super::error::Error;

/// Where to send the request next; none if the answer is no redirect. Reads go wherever they are sent to, though the token
/// goes to the API's own server alone; writes are repeated there alone.
///
/// # Errors
/// A redirect that is not to be followed.
pub(super) fn redirected(head: &Parts, method: &Method, from: &Url, api: &Url) -> Result<Option<Url>, Error> {
    let reads = *method == Method::GET;
    match head.status {
        // Documented by GitHub: each of them asks for the same request at another address.
        StatusCode::MOVED_PERMANENTLY
        | StatusCode::FOUND
        | StatusCode::TEMPORARY_REDIRECT
        | StatusCode::PERMANENT_REDIRECT => {}
        StatusCode::SEE_OTHER if reads => {}
        _ => return Ok(None),
    }
    let Some(to) = head.headers.get("location").and_then(|to| from.join(to.to_str().ok()?).ok()) else {
        return Ok(None);
    };
    let refused = |why| Err(misdirected(&to, why));
    if !matches!(to.scheme(), "http" | "https") {
        return refused("which is no web address");
    }
    if from.scheme() == "https" && to.scheme() != "https" {
        return refused("where nothing is encrypted");
    }
    if !reads && to.origin() != api.origin() {
        return refused("which is another server: nothing is written there");
    }
    Ok(Some(to))
}

/// Says where a request is not sent, without the signature that may stand in the address.
pub(super) fn misdirected(to: &Url, why: &'static str) -> Error {
    let mut url = to.clone();
    url.set_query(None);
    url.set_fragment(None);
    // A URL that can't have them has none.
    let _ = (url.set_username(""), url.set_password(None));
    Error::Misdirected { to: url.into(), why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_goes_on_only_where_it_may() {
        let api = Url::parse("https://api.github.example/").unwrap();
        let at = Url::parse("https://api.github.example/repos/a/b/issues/7/comments").unwrap();
        let new = "https://api.github.example/repositories/1/issues/7/comments";
        let other = "GitHub sent the request on to https://evil.example/x, which is another server: nothing is written \
                     there; check GITHUB_API_URL and GITHUB_REPOSITORY";
        let plain = "GitHub sent the request on to http://api.github.example/x, where nothing is encrypted; check \
                     GITHUB_API_URL and GITHUB_REPOSITORY";
        type Outcome = Result<Option<&'static str>, &'static str>;
        let table: &[(u16, &str, &str, Outcome)] = &[
            (301, "GET", new, Ok(Some(new))),
            (302, "GET", "/repositories/1/issues/7/comments", Ok(Some(new))),
            (303, "GET", new, Ok(Some(new))),
            (307, "GET", "https://blobs.example/zip?sig=x", Ok(Some("https://blobs.example/zip?sig=x"))),
            (301, "POST", new, Ok(Some(new))),
            (307, "POST", new, Ok(Some(new))),
            (308, "PATCH", new, Ok(Some(new))),
            (303, "POST", new, Ok(None)),
            (304, "GET", new, Ok(None)),
            (404, "GET", new, Ok(None)),
            (307, "POST", "https://u:p@evil.example/x?sig=s#f", Err(other)),
            (301, "GET", "http://api.github.example/x", Err(plain)),
            (301, "POST", "http://api.github.example/x", Err(plain)),
        ];
        for (status, method, location, expected) in table {
            let answer = http::Response::builder().status(*status).header("location", *location).body(()).unwrap();
            let result = redirected(&answer.into_parts().0, &method.parse().unwrap(), &at, &api);
            let result = result.map(|to| to.map(String::from)).map_err(|error| error.to_string());
            assert_eq!(result, expected.map(|to| to.map(String::from)).map_err(String::from), "{method} {location}");
        }
    }

    #[test]
    fn a_redirect_to_nowhere_is_a_refusal() {
        let url = Url::parse("https://api.github.example/").unwrap();
        let answer = http::Response::builder().status(301).body(()).unwrap();
        assert_eq!(redirected(&answer.into_parts().0, &Method::GET, &url, &url), Ok(None));
    }
}
