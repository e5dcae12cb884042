//! Under which row a request of a script is counted.

use uuid::Uuid;

/// Fewer hexadecimal digits may be a word.
const SHORTEST_HEX: usize = 16;

/// Fewer letters and digits may be a name.
const SHORTEST_TOKEN: usize = 20;

/// The row of a request: its tag `name` as it is, where the script gave one; for a URL, which k6 takes for the name of a
/// request without one, the method and the path. Segments of the path that are ids become `{id}`, so that one row holds all
/// items of a kind.
pub fn row_name(method: &str, name: &str) -> String {
    let Some(rest) = without_scheme(name) else { return name.to_owned() };
    let rest = &rest[..rest.find(['?', '#']).unwrap_or(rest.len())];
    let path = rest.find('/').map_or("", |slash| &rest[slash + 1..]);
    let segments: Vec<&str> = path.split('/').map(|segment| if is_id(segment) { "{id}" } else { segment }).collect();
    format!("{method} /{}", segments.join("/"))
}

fn without_scheme(name: &str) -> Option<&str> {
    ["http://", "https://"].into_iter().find_map(|scheme| name.strip_prefix(scheme))
}

/// Whether a segment of a path names one of many: digits, a UUID, a long number in hexadecimal, a long token.
fn is_id(segment: &str) -> bool {
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    let letters = segment.bytes().filter(u8::is_ascii_alphabetic).count();
    let all = |belongs: fn(u8) -> bool| segment.bytes().all(belongs);
    if segment.is_empty() {
        return false;
    }
    digits == segment.len()
        || Uuid::try_parse(segment).is_ok()
        || (segment.len() >= SHORTEST_HEX && all(|byte| byte.is_ascii_hexdigit()))
        || (segment.len() >= SHORTEST_TOKEN
            && digits > 0
            && letters > 0
            && all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=' | b'~')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_becomes_its_method_and_path_and_a_name_stays() {
        for (method, name, row) in [
            ("GET", "list items", "list items"),
            ("GET", "", ""),
            ("POST", "/orders", "/orders"),
            ("GET", "http://x.example", "GET /"),
            ("GET", "https://x.example/?q=1", "GET /"),
            ("GET", "https://x.example?a=/b", "GET /"),
            ("GET", "http://x.example:8080/items/?page=2#top", "GET /items/"),
            ("DELETE", "http://me:secret@x.example/items/17", "DELETE /items/{id}"),
            ("GET", "http://x.example/items/17/reviews/9", "GET /items/{id}/reviews/{id}"),
            ("GET", "http://x.example/items/${}", "GET /items/${}"),
            ("GET", "http://x/u/6f1c2d3e-0000-4000-8000-0123456789ab", "GET /u/{id}"),
            ("GET", "http://x/c/0123456789abcdef", "GET /c/{id}"),
            ("GET", "http://x/c/deadbeef", "GET /c/deadbeef"),
            ("GET", "http://x/t/AbCd1234EfGh5678IjKl", "GET /t/{id}"),
            ("GET", "http://x/internationalisation-a", "GET /internationalisation-a"),
            ("GET", "http://x/v1/items", "GET /v1/items"),
            ("GET", "http://x//a", "GET //a"),
        ] {
            assert_eq!(row_name(method, name), row, "{name}");
        }
    }
}
