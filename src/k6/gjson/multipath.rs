//! Multipaths, `{name.first,"years":age}` and `[name,age]`, and the literals in them, `!"text"`.

use serde_json::{Map, Value};

use super::select;

/// Reads the multipath that `path` starts with: the new document, and the path behind it. `None` when it's a key after
/// all.
pub fn collect<'p>(json: Option<&Value>, path: &'p str) -> Option<(Option<Value>, &'p str)> {
    let (parts, rest) = split(path)?;
    if !(rest.is_empty() || rest.starts_with(['.', '|'])) {
        return None;
    }
    let found = parts.into_iter().filter_map(|part| select(json, part.path).map(|value| (part, value)));
    let document = if path.starts_with('[') {
        found.map(|(_, value)| value).collect()
    } else {
        Value::Object(found.map(|(part, value)| (part.key(), value)).collect::<Map<_, _>>())
    };
    Some((Some(document), rest))
}

/// A path in a multipath, and the key it's given.
struct Part<'p> {
    name: &'p str,
    path: &'p str,
}

impl Part<'_> {
    fn key(&self) -> String {
        if !self.name.is_empty() {
            return serde_json::from_str(self.name).unwrap_or_else(|_| self.name.to_owned());
        }
        let last = last_component(self.path);
        let simple = !last.contains(|c: char| c < ' ' || "[]{}()#|!".contains(c));
        if simple { last.to_owned() } else { "_".to_owned() }
    }
}

fn last_component(path: &str) -> &str {
    let bytes = path.as_bytes();
    let separator =
        (0..bytes.len()).rev().find(|&at| matches!(bytes[at], b'.' | b'|') && (at == 0 || bytes[at - 1] != b'\\'));
    separator.map_or(path, |at| &path[at + 1..])
}

/// How deep multipaths may be nested. k6 has no bound; what is deeper selects nothing.
const DEEPEST: usize = 64;

fn split(path: &str) -> Option<(Vec<Part<'_>>, &str)> {
    let bytes = path.as_bytes();
    let mut parts = Vec::new();
    let (mut at, mut depth, mut start) = (1, 1_usize, 1);
    let (mut colon, mut modifier) = (None, false);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            // A modifier's argument has a colon of its own.
            b'@' if matches!(bytes[at - 1], b'.' | b'|') => modifier = true,
            b':' if depth == 1 && !modifier && colon.is_none() => colon = Some(at),
            b'"' => at += quoted(&bytes[at..]),
            b'[' | b'(' | b'{' if depth == DEEPEST => return None,
            b'[' | b'(' | b'{' => depth += 1,
            b']' | b')' | b'}' => depth -= 1,
            _ => {}
        }
        let ends = depth == 0;
        if ends || (depth == 1 && bytes.get(at) == Some(&b',')) {
            parts.push(match colon.take() {
                Some(colon) => Part { name: &path[start..colon], path: &path[colon + 1..at] },
                None => Part { name: "", path: &path[start..at] },
            });
            (modifier, start) = (false, at + 1);
        }
        if ends {
            return Some((parts, &path[at + 1..]));
        }
        at += 1;
    }
    None
}

/// How far behind its opening quote the closing one is.
fn quoted(bytes: &[u8]) -> usize {
    let mut at = 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at
}

/// The literal that `path` starts with, and the path behind it. `None` when it's a key after all.
pub fn literal(path: &str) -> Option<(Option<Value>, &str)> {
    let text = &path[1..];
    if text.starts_with(|c: char| "{[\"+-".contains(c) || c.is_ascii_digit()) {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
        let value = values.next()?.ok()?;
        return Some((Some(value), &text[values.byte_offset()..]));
    }
    let (word, rest) = text.split_at(text.find(['.', '|']).unwrap_or(text.len()));
    let value = match word {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "null" => Value::Null,
        _ => return None,
    };
    Some((Some(value), rest))
}
