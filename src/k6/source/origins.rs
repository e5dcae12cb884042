//! The origins of a script: what `--target` replaces, textually.

/// The origins that a text's literals name, each once, in the order of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Origins {
    /// Of literals that begin with one: these are URLs.
    pub leading: Vec<String>,
    /// Of literals that have one in their middle: a user agent, a namespace of XML, a parameter.
    pub mentioned: Vec<String>,
}

impl Origins {
    /// Adds what another text names.
    pub fn append(&mut self, other: Origins) {
        other.leading.into_iter().for_each(|origin| add(&mut self.leading, &origin));
        other.mentioned.into_iter().for_each(|origin| add(&mut self.mentioned, &origin));
    }

    /// Those of literals that are URLs; where there are none, those within other literals.
    pub fn into_list(self) -> Vec<String> {
        if self.leading.is_empty() { self.mentioned } else { self.leading }
    }
}

/// Notes the origins of one literal. An expression may follow it (`'http://a:' + port`, `` `http://a${path}` ``): then an
/// authority that it would go on with is none.
pub(super) fn note(literal: &str, is_followed: bool, origins: &mut Origins) {
    let text = literal.trim_start();
    if let Some(scheme) = scheme(text) {
        let end = text[scheme..].find(['/', '?', '#', '\\']).map(|at| scheme + at);
        if let Some(origin) = origin(text, scheme, end, is_followed) {
            add(&mut origins.leading, origin);
        }
        return;
    }
    for (at, _) in text.char_indices().filter(|(_, c)| c.eq_ignore_ascii_case(&'h')) {
        let text = &text[at..];
        let Some(scheme) = scheme(text) else { continue };
        let stops = |c: char| c.is_whitespace() || "/?#\\\"'`<>(),;&".contains(c);
        let end = text[scheme..].find(stops).map(|at| scheme + at);
        if let Some(origin) = origin(text, scheme, end, is_followed) {
            add(&mut origins.mentioned, origin);
        }
    }
}

/// How long the `http://` or `https://` is that a text begins with.
fn scheme(text: &str) -> Option<usize> {
    let starts = |scheme: &&str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    ["http://", "https://"].iter().find(|scheme| starts(scheme)).map(|scheme| scheme.len())
}

fn origin(text: &str, scheme: usize, end: Option<usize>, is_followed: bool) -> Option<&str> {
    let origin = text[..end.unwrap_or(text.len())].trim_end();
    let authority = origin.get(scheme..).filter(|authority| !authority.is_empty())?;
    let goes_on = end.is_none() && is_followed && authority.ends_with([':', '.', '-', '_', '@', '[']);
    (!goes_on).then_some(origin)
}

fn add(list: &mut Vec<String>, origin: &str) {
    if !list.iter().any(|known| known == origin) {
        list.push(origin.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_scheme_and_authority_as_they_are_written() {
        let rows: &[(&str, bool, &[&str])] = &[
            ("http://{EC2 IP 주소}/boards", false, &["http://{EC2 IP 주소}"]),
            ("http://127.0.0.1:8080/api/v1", false, &["http://127.0.0.1:8080"]),
            ("https://a.example?x=1", false, &["https://a.example"]),
            ("https://a.example#x", false, &["https://a.example"]),
            (" HTTPS://A.Example ", false, &["HTTPS://A.Example"]),
            ("http://u:p@[::1]:80/", false, &["http://u:p@[::1]:80"]),
            ("http://", false, &[]),
            ("http:///x", false, &[]),
            ("ftp://a/x", false, &[]),
            ("/api", false, &[]),
            // What an expression may go on with.
            ("http://a.example", true, &["http://a.example"]),
            ("http://localhost:", true, &[]),
            ("http://api.", true, &[]),
            ("http://localhost:", false, &["http://localhost:"]),
            ("http://localhost:8080/", true, &["http://localhost:8080"]),
        ];
        for (literal, is_followed, expected) in rows {
            let mut origins = Origins::default();
            note(literal, *is_followed, &mut origins);
            assert_eq!(origins.leading, *expected, "{literal}");
            assert_eq!(origins.mentioned, Vec::<String>::new(), "{literal}");
        }
    }

    #[test]
    fn an_origin_within_a_literal_counts_only_where_no_literal_is_one() {
        let mut origins = Origins::default();
        note("Mozilla/5.0 (compatible; +https://bots.example/x)", false, &mut origins);
        note("to=http://a:1&from=http://b", false, &mut origins);
        assert_eq!(origins.clone().into_list(), ["https://bots.example", "http://a:1", "http://b"]);
        note("http://c/", false, &mut origins);
        assert_eq!(origins.into_list(), ["http://c"]);
    }
}
