//! Keeps secrets out of everything that people see.

use std::iter::successors;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use http::HeaderName;
use http::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION, SET_COOKIE};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use url::{Url, form_urlencoded};

use crate::plan::Secret;

/// What a URL's query and path have percent-encoded (the URL standard's sets): less than a form.
const QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'\'');
const PATH: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'?').add(b'`').add(b'{').add(b'}');

/// What a secret is replaced with.
pub const MASKED: &str = "***";

/// Headers whose names hold one of these carry credentials, whatever API they belong to.
const CREDENTIALS: [&str; 6] = ["token", "secret", "password", "session", "api-key", "apikey"];

/// How many strings of JSON may lie in each other.
const MOST_NESTED: usize = 4;

/// The secret values of a plan, in every form in which they may turn up.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    /// Longest first, so that a secret that contains another goes first.
    values: Vec<String>,
}

impl Mask {
    /// Masks these values as they are, percent-encoded as in forms, paths and queries, escaped as in JSON (also JSON in
    /// strings of JSON) and in HTML, and in base64 of either alphabet, alone or with text around them, as in `user:password`.
    /// Empty values are left alone. A secret that was hashed, or encoded in yet another way, is not recognised; credentials'
    /// headers are hidden as a whole for that reason.
    pub fn new(secrets: &[Secret]) -> Self {
        let present = secrets.iter().map(|secret| secret.value.as_str()).filter(|value| !value.is_empty());
        let mut values: Vec<String> = present.flat_map(forms).collect();
        values.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        values.dedup();
        Mask { values }
    }

    /// The text with every secret replaced.
    pub fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for value in &self.values {
            if text.contains(value.as_str()) {
                text = text.replace(value.as_str(), MASKED);
            }
        }
        text
    }

    /// The first part of a body, with every secret replaced and at most `limit` bytes long. What is no UTF-8 is shown as
    /// U+FFFD.
    pub fn body(&self, body: &[u8], limit: usize) -> String {
        // What a cut leaves of a secret at the end would not be recognised: the window ends well after the limit, and
        // its own last bytes are dropped.
        let longest = self.values.first().map_or(0, String::len);
        let window = limit.saturating_mul(16).saturating_add(longest);
        let (part, spare) = if body.len() > window { (&body[..window], longest) } else { (body, 0) };
        let mut text = self.text(&String::from_utf8_lossy(part));
        text.truncate(text.floor_char_boundary(text.len().saturating_sub(spare).min(limit)));
        text
    }

    /// A header's value: hidden as a whole where the header carries credentials.
    pub fn header(&self, name: &HeaderName, value: &[u8], hidden: &[HeaderName]) -> String {
        let standard = [&AUTHORIZATION, &PROXY_AUTHORIZATION, &COOKIE, &SET_COOKIE].contains(&name);
        let credentials = standard || CREDENTIALS.iter().any(|word| name.as_str().contains(word));
        if credentials || hidden.contains(name) {
            return MASKED.to_owned();
        }
        self.text(&String::from_utf8_lossy(value))
    }
}

/// What an address holds to identify its user: a password, or a token in the place of a name.
pub fn password(url: &Url) -> Option<Secret> {
    let encoded = url.password().unwrap_or(url.username());
    let value = percent_decode_str(encoded).decode_utf8_lossy().into_owned();
    (!value.is_empty()).then(|| Secret { name: url.host_str().unwrap_or_default().to_owned(), value })
}

/// Every form in which a value may turn up.
fn forms(value: &str) -> Vec<String> {
    let form: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let mut percent = vec![form.replace('+', "%20"), form];
    percent.extend([QUERY, PATH].map(|set| utf8_percent_encode(value, set).to_string()));
    let mut forms: Vec<String> = percent.iter().map(|text| with_small_digits(text)).collect();
    forms.append(&mut percent);
    forms.extend(in_base64(value));
    // An API may well answer with the request's body in a string.
    let nested = successors(Some(in_json(value)), |json| Some(in_json(json)));
    forms.extend(nested.take(MOST_NESTED));
    // As the encoders of other languages write it: so that it can stand in HTML, or in a script.
    let json = in_json(value);
    forms.push(json.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e"));
    forms.push(json.replace('/', "\\/"));
    let html = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let quoted = html.replace('"', "&quot;");
    forms.extend([quoted.replace('\'', "&#39;"), quoted.replace('\'', "&#x27;"), quoted]);
    forms.extend([html.replace('"', "&#34;").replace('\'', "&#39;"), html, value.to_owned()]);
    forms
}

/// `%2F` as `%2f`.
fn with_small_digits(percent: &str) -> String {
    let mut text = percent.as_bytes().to_vec();
    for at in 0..text.len().saturating_sub(2) {
        if text[at] == b'%' {
            text[at + 1..at + 3].make_ascii_lowercase();
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// Base64 of the value alone; and what of it does not depend on the text around it, for each of the three ways in which it
/// can begin there, unless that is too short to be told from other text.
fn in_base64(value: &str) -> Vec<String> {
    const SHORTEST: usize = 8;
    let mut forms = vec![STANDARD_NO_PAD.encode(value), URL_SAFE_NO_PAD.encode(value)];
    for before in 0..3_usize {
        let text = [&vec![0; before], value.as_bytes()].concat();
        // A digit has six bits: those that bits of a neighbour share are left out.
        let (from, to) = ((before * 8).div_ceil(6), text.len() * 8 / 6);
        if to.saturating_sub(from) >= SHORTEST {
            forms.extend(
                [STANDARD_NO_PAD.encode(&text), URL_SAFE_NO_PAD.encode(&text)]
                    .map(|digits| digits[from..to].to_owned()),
            );
        }
    }
    forms
}

/// The text as a string of JSON shows it between its quotes.
fn in_json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(values: &[&str]) -> Mask {
        let secret = |value: &&str| Secret { name: "S".into(), value: (*value).to_owned() };
        Mask::new(&values.iter().map(secret).collect::<Vec<_>>())
    }

    #[test]
    fn secrets_are_masked_in_every_form() {
        let mask = mask(&["p&ss wörd\"", "p&ss", ""]);
        assert_eq!(mask.text("a p&ss wörd\" b p&ss c"), "a *** b *** c");
        assert_eq!(mask.text("/x?k=p%26ss+w%C3%B6rd%22"), "/x?k=***");
        assert_eq!(mask.text("/x/p%26ss%20w%C3%B6rd%22"), "/x/***");
        assert_eq!(mask.text(r#"{"k":"p&ss wörd\""}"#), r#"{"k":"***"}"#);
        assert_eq!(mask.text(r#"{"sent":"{\"k\":\"p&ss wörd\\\"\"}"}"#), r#"{"sent":"{\"k\":\"***\"}"}"#);
        assert_eq!(mask.text("/x/p&ss%20w%C3%B6rd%22/y"), "/x/***/y");
        assert_eq!(mask.text("key cCZzcw=="), "key ***==");
        assert_eq!(mask.text("nothing"), "nothing");
    }

    #[test]
    fn secrets_are_masked_as_other_encoders_write_them() {
        let mask = mask(&["p&ss</\"w'rd"]);
        for text in [
            r#"p\u0026ss\u003c/\"w'rd"#,
            r#"p&ss<\/\"w'rd"#,
            "p&amp;ss&lt;/&quot;w&#39;rd",
            "p&amp;ss&lt;/&#34;w&#39;rd",
            "p&amp;ss&lt;/\"w'rd",
            "p%26ss%3c%2f%22w%27rd",
            "p%26ss%3C%2F%22w%27rd",
        ] {
            assert_eq!(mask.text(text), MASKED, "{text}");
        }
    }

    #[test]
    fn secrets_in_the_base64_of_a_longer_text_are_masked() {
        let secret = "correct horse battery";
        let mask = mask(&[secret]);
        for before in ["", "u", "us", "user:", "Basic x:"] {
            for after in ["", "x", "xy", "xyz"] {
                let text = STANDARD_NO_PAD.encode(format!("{before}{secret}{after}"));
                let shown = mask.text(&text);
                assert!(
                    shown.contains(MASKED) && shown.len() < before.len() * 4 / 3 + after.len() * 4 / 3 + 10,
                    "{shown}"
                );
            }
        }
        assert_eq!(super::in_base64("ab").len(), 2, "a part of a short one is in any text");
    }

    #[test]
    fn secrets_are_masked_as_urls_encode_them() {
        // In a path, a backslash is a slash.
        let value: String = (' '..='~').filter(|c| !matches!(c, '\\' | '/')).collect::<String>() + "wörd";
        let mask = mask(&[&value]);
        let mut url = Url::parse("http://localhost/").unwrap();
        url.set_path(&value);
        assert_eq!(mask.text(url.as_str()), "http://localhost/***");
        url.set_path("/");
        url.set_query(Some(&value));
        assert_eq!(mask.text(url.as_str()), "http://localhost/?***");
    }

    #[test]
    fn an_address_holds_a_password_or_a_token() {
        for (address, expected) in [
            ("http://user:p%26ss@localhost/", Some("p&ss")),
            ("http://t0ken@localhost/", Some("t0ken")),
            ("http://localhost/", None),
        ] {
            let secret = password(&Url::parse(address).unwrap());
            assert_eq!(secret.map(|secret| secret.value).as_deref(), expected, "{address}");
        }
    }

    #[test]
    fn a_body_is_cut_after_masking_and_between_characters() {
        assert_eq!(mask(&["secret"]).body(b"xx secret yy", 6), "xx ***");
        assert_eq!(mask(&[]).body("가나다".as_bytes(), 7), "가나");
        assert_eq!(mask(&[]).body(&[b'a', 0xff, b'b'], 10), "a\u{fffd}b");
    }

    #[test]
    fn no_part_of_a_secret_is_left_at_the_cut() {
        let secret = "0123456789abcdef";
        let mask = mask(&[secret]);
        for length in 0..600 {
            let body = secret.repeat(40);
            let shown = mask.body(&body.as_bytes()[..length.min(body.len())], 8);
            // Only the body itself may end within a secret, never our window.
            let own_end = &secret[..length % secret.len()];
            let rest = shown.replace(MASKED, "").replace('*', "");
            assert!(own_end.starts_with(&rest) || rest.is_empty(), "{length}: {shown}");
        }
    }

    #[test]
    fn headers_with_credentials_are_hidden() {
        let mask = mask(&["s3cret"]);
        let bypass = HeaderName::from_static("x-bypass");
        let user_token = HeaderName::from_static("user-token");
        for name in [AUTHORIZATION, COOKIE, SET_COOKIE, PROXY_AUTHORIZATION, bypass.clone(), user_token] {
            assert_eq!(mask.header(&name, b"value", std::slice::from_ref(&bypass)), MASKED, "{name}");
        }
        assert_eq!(mask.header(&HeaderName::from_static("x-id"), b"id s3cret", &[bypass]), "id ***");
    }
}
