//! Where a script's URLs lead: its origins stand for a deployment's, textually, before any URL is parsed.

use std::borrow::Cow;

/// Origins and what stands in their place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UrlMap(Vec<(String, String)>);

impl UrlMap {
    /// `from` is an origin as a script writes it: it need not be a valid one. Neither ends with a slash.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let bare = |text: String| text.trim_end_matches('/').to_owned();
        UrlMap(pairs.into_iter().map(|(from, to)| (bare(from), bare(to))).collect())
    }

    /// The URL with its origin replaced, where it begins with one of them.
    pub fn map<'a>(&self, url: &'a str) -> Cow<'a, str> {
        for (from, to) in &self.0 {
            let Some(rest) = url.strip_prefix(from.as_str()) else { continue };
            if rest.is_empty() || rest.starts_with(['/', '?', '#']) {
                return if from == to { Cow::Borrowed(url) } else { Cow::Owned(format!("{to}{rest}")) };
            }
        }
        Cow::Borrowed(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_replaced_as_a_whole() {
        let map = UrlMap::new([
            ("http://127.0.0.1:8080".to_owned(), "https://preview.example/".to_owned()),
            ("http://{EC2 IP 주소}".to_owned(), "http://[::1]:9000".to_owned()),
        ]);
        for (url, mapped) in [
            ("http://127.0.0.1:8080/api?x=1", "https://preview.example/api?x=1"),
            ("http://127.0.0.1:8080", "https://preview.example"),
            ("http://127.0.0.1:8080?x", "https://preview.example?x"),
            ("http://127.0.0.1:80801/api", "http://127.0.0.1:80801/api"),
            ("http://127.0.0.1:8080.evil.example/", "http://127.0.0.1:8080.evil.example/"),
            ("http://{EC2 IP 주소}/boards", "http://[::1]:9000/boards"),
            ("https://elsewhere.example/", "https://elsewhere.example/"),
            ("", ""),
        ] {
            assert_eq!(map.map(url), mapped, "{url}");
        }
    }
}
